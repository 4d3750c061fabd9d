package slacksim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/slack-go/slack"

	"procyon/internal/slacksim"
)

// A test gives the simulator an app to talk to, plays people, and reads what they
// see. The app here answers a command in a sentence, and a click by changing the
// message.
func Example() {
	ctx := context.Background()
	sim := slacksim.New(slacksim.Options{})
	web := httptest.NewServer(sim)
	defer web.Close()
	defer sim.Close()
	sim.SetBaseURL(web.URL)

	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("command") != "" {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]string{"text": "Hello " + r.FormValue("user_name")})
		}
	}))
	defer app.Close()
	sim.SetApp(slacksim.App{CommandURL: app.URL, InteractionURL: app.URL})
	installed, err := sim.Install("")
	if err != nil {
		panic(err)
	}

	dev := sim.As("dev")
	if err := dev.Command(ctx, "", "/procyon help"); err != nil {
		panic(err)
	}
	m, err := dev.ExpectEphemeral(ctx)
	fmt.Println(m.Text, err)

	bot := slack.New(installed.Token, slack.OptionAPIURL(web.URL+"/api/"))
	_, _, err = bot.PostMessageContext(ctx, dev.ID(), slack.MsgOptionText("Your access ends in ten minutes.", false))
	fmt.Println(err)
	m, err = dev.ExpectDM(ctx)
	fmt.Println(m.Text, err)

	_, _, err = bot.PostMessageContext(ctx, "C0NOWHERE", slack.MsgOptionText("x", false))
	fmt.Println(err, len(sim.Refused()))
	// Output:
	// Hello dev <nil>
	// <nil>
	// Your access ends in ten minutes. <nil>
	// channel_not_found 1
}
