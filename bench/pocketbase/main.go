// Command pocketbase serves a PocketBase whose one collection has so many records, for the
// benchmark of the console to measure its dashboard beside ours. It is a module of its own,
// and no test needs it, so that nobody else fetches what it is made of.
//
//	go run . FOLDER ADDRESS EMAIL PASSWORD RECORDS
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"

	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		log.Fatal("pocketbase: ", err)
	}
}

func run(args []string) error {
	if len(args) != 5 {
		return fmt.Errorf("it takes a folder, an address, an e-mail address, a password and a number of records")
	}
	records, err := strconv.Atoi(args[4])
	if err != nil {
		return err
	}
	app := pocketbase.NewWithConfig(pocketbase.Config{DefaultDataDir: args[0], HideStartBanner: true})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	if err := fill(app, args[2], args[3], records); err != nil {
		return err
	}
	return apis.Serve(app, apis.ServeConfig{HttpAddr: args[1]})
}

// fill makes the person who signs in, and records that look as our requests do.
func fill(app core.App, email, password string, records int) error {
	superusers, err := app.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		return err
	}
	person := core.NewRecord(superusers)
	person.SetEmail(email)
	person.SetPassword(password)
	if err := app.Save(person); err != nil {
		return err
	}
	requests := core.NewBaseCollection("requests")
	for _, name := range []string{"status", "person", "resource", "duration", "reason"} {
		requests.Fields.Add(&core.TextField{Name: name})
	}
	requests.Fields.Add(&core.AutodateField{Name: "created", OnCreate: true})
	if err := app.Save(requests); err != nil {
		return err
	}
	return app.RunInTransaction(func(tx core.App) error {
		for i := range records {
			r := core.NewRecord(requests)
			r.Load(map[string]any{"status": "Pending", "person": "Dev Developer", "resource": fmt.Sprintf("orders-db-%d", i), "duration": "2 h", "reason": "Look into the incident: orders are late"})
			if err := tx.Save(r); err != nil {
				return err
			}
		}
		return nil
	})
}
