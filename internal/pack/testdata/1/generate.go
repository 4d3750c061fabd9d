// Command generate makes the samples that a dictionary is trained on. From the entries and
// documents of some stores it makes many that look like them, with other IDs, times, names
// and words, so that the dictionary knows the forms and not what is said in them.
//
//	go run generate.go FOLDER STORE...
package main

import (
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	_ "modernc.org/sqlite"
)

// perKind is how many samples of one form there are, whatever the store has.
const perKind = 150

const words = `access account after again agent alert all api application approval audit backup before batch billing branch broken bug build cache change check
client cluster code config connection container core customer daily dashboard data database debug deploy disk edge endpoint error event export failed feature file
fix for from gateway group hotfix image import in index invoice is issue job key latency ledger legacy limit list load log look mail main memory message metrics
migration missing model monitor network new nightly node not of on order out partner password payment pipeline platform pod policy pool port private problem
process production project proxy queue quick read rebuild record region release repair replica report request reset restart restore restored review role rollback
rotate router run sandbox scale schedule schema search secret security server service session shard shared slow sms staging stale state storage store stream
stuck support sync table task team test the ticket to token tools topic trace traffic update upgrade user users vault version view volume warehouse web west wrong`

const first = `Ada Aisha Alan Amara Ana Anders Barbara Bo Carla Chen Clara Dana David Dev Diego Edsger Elena Emil Erik Eva Fatima Frances Grace Hana Hugo Ines Ivan Jana Jean
Joan John Jonas Karen Katherine Ken Lars Leah Lena Linus Lucia Maria Marco Margaret Mei Mia Milan Nadia Nia Nils Noor Olga Omar Paula Pedro Priya Radia Rosa Ruth Sam Sara
Shafi Sofia Tariq Thomas Tim Tomas Ursula Vera Victor Wei Yara Yuki Zoe`

const last = `Adams Allen Bauer Becker Berg Brown Castro Chen Clark Costa Cruz Davis Diaz Dubois Evans Fischer Garcia Gomez Haddad Hansen Hopper Ivanov Jansen Johnson Jones
Kaya Keller Khan Kim Klein Kumar Larsen Lee Lopez Martin Meyer Miller Moore Moreau Mueller Nguyen Novak Olsen Ortiz Park Patel Perez Petrov Ricci Rossi Ruiz Santos
Sato Schmidt Silva Singh Smith Suzuki Taylor Torres Tran Vogel Wagner Walker Wang Weber White Wilson Wong Yilmaz Young Zhang`

var (
	hexID    = regexp.MustCompile(`[0-9a-f]{32,64}`)
	moment   = regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z`)
	sorted   = regexp.MustCompile(`\b0006[0-9a-f]{12}\b`)
	sealed   = regexp.MustCompile(`[A-Za-z0-9_-]{8}\.[A-Za-z0-9_-]{20,}`)
	argon    = regexp.MustCompile(`p=1\$[^"]+`)
	pair     = regexp.MustCompile(`"(name|userName|slackName|byName|accountName|resourceName|gatewayName|integrationName|reason|comment|ticket|email|slackEmail|externalId|outcome|channel|slackUserId|slackId|title|description)":"([^"]*)"`)
	duration = regexp.MustCompile(`"(duration|granted)":[0-9]+`)
	ticket   = regexp.MustCompile(`req/ticket=[^\x00]+`)
	trigram  = regexp.MustCompile(`/~[^\x00]+`)
)

func pick(list string) string {
	all := strings.Fields(list)
	return all[rand.N(len(all))]
}

// scramble gives a text other IDs, times, names and words: the same for the same.
func scramble(s string) string {
	shift := time.Duration(rand.Int64N(int64(4*365*24*time.Hour))).Truncate(time.Microsecond) - 2*365*24*time.Hour
	of := map[string]string{}
	same := func(class, old string, make func() string) string {
		if of[class+old] == "" {
			of[class+old] = make()
		}
		return of[class+old]
	}
	s = argon.ReplaceAllStringFunc(s, func(string) string { return "p=1$" + noise(16) + "$" + noise(32) })
	s = sealed.ReplaceAllStringFunc(s, func(old string) string {
		return same("seal", old, func() string { return old[:9] + noise(len(old)*3/4-7) })
	})
	s = moment.ReplaceAllStringFunc(s, func(old string) string {
		t, err := time.Parse(time.RFC3339Nano, old)
		if err != nil {
			return old
		}
		return t.Add(shift).Format(time.RFC3339Nano)
	})
	s = sorted.ReplaceAllStringFunc(s, func(old string) string { return fmt.Sprintf("0006%012x", rand.Uint64N(1<<47)) })
	s = hexID.ReplaceAllStringFunc(s, func(old string) string {
		return same("id", old, func() string {
			b := make([]byte, len(old)/2)
			for i := range b {
				b[i] = byte(rand.Uint32())
			}
			id := hex.EncodeToString(b)
			if strings.HasPrefix(old, "01") { // begins with the time
				id = "019" + id[3:12] + "7" + id[13:]
			}
			return id
		})
	})
	person := func(old string) string {
		return same("person", old, func() string { return pick(first) + " " + pick(last) })
	}
	s = pair.ReplaceAllStringFunc(s, func(old string) string {
		m := pair.FindStringSubmatch(old)
		key, value := m[1], m[2]
		switch key {
		case "ticket", "externalId":
			value = same(key, value, func() string { return fmt.Sprintf("%s-%d", strings.ToUpper(pick(words)), rand.N(20000)) })
		case "slackUserId", "slackId":
			value = same(key, value, func() string { return "U0" + strings.ToUpper(noise(6)) })
		case "email", "slackEmail":
			value = same("email", value, func() string { return strings.ToLower(pick(first)+"."+pick(last)) + "@" + pick(words) + ".com" })
		case "reason", "comment", "outcome", "title", "description":
			value = same(key, value, func() string {
				if len(value) > 60 && rand.N(2) == 0 {
					return value // what the product says itself
				}
				some := make([]string, 2+rand.N(8))
				for i := range some {
					some[i] = pick(words)
				}
				return strings.ToUpper(some[0][:1]) + some[0][1:] + " " + strings.Join(some[1:], " ")
			})
		case "accountName", "resourceName", "gatewayName", "integrationName", "channel":
			value = same("thing", value, func() string {
				return pick(words) + "-" + pick(words) + []string{"", fmt.Sprint("-", rand.N(100))}[rand.N(2)]
			})
		default:
			if value != "Procyon" {
				value = person(value)
			}
		}
		return `"` + key + `":"` + value + `"`
	})
	s = duration.ReplaceAllStringFunc(s, func(old string) string {
		key, _, _ := strings.Cut(old, ":")
		return same("d", old, func() string {
			return fmt.Sprintf("%s:%d", key, []int{900, 1800, 3600, 7200, 14400, 28800, 5400}[rand.N(7)])
		})
	})
	s = ticket.ReplaceAllStringFunc(s, func(string) string { return fmt.Sprintf("req/ticket=%s-%d", pick(words), rand.N(20000)) })
	return trigram.ReplaceAllStringFunc(s, func(old string) string {
		word := strings.ToLower(pick(words))
		return "/~" + word[:min(len(word), max(1, len(old)-2))]
	})
}

func noise(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// known puts marks in place of what is known beside, as Pack does.
func known(s string, texts ...string) string {
	for i, text := range texts {
		if text != "" {
			s = strings.ReplaceAll(s, text, string(rune(1+i)))
		}
	}
	return s
}

func main() {
	folder := os.Args[1]
	kinds := map[string][]string{}
	for _, path := range os.Args[2:] {
		db, err := sql.Open("sqlite", path)
		check(err)
		rows, err := db.Query(`SELECT subject || '|' || coalesce(json_extract(actor, '$.id'), '') || '|' || coalesce(json_extract(actor, '$.byId'), '') || '|' || at,
			'entry ' || substr(subject, 1, 3) || type, cast(actor || char(0) || data || char(0) || after AS TEXT) FROM entry`)
		check(err)
		read(rows, kinds)
		rows, err = db.Query(`SELECT id || '|' || sort, 'doc ' || substr(id, 1, 3), cast(data AS BLOB), terms FROM document`)
		check(err)
		readDocuments(rows, kinds)
		check(db.Close())
	}
	n := 0
	for kind, samples := range kinds {
		times := perKind
		if strings.Contains(kind, "req") {
			times *= 3
		}
		for i := range times {
			head, body, _ := strings.Cut(scramble(samples[i%len(samples)]), "\x08")
			texts := strings.Split(head, "|")
			if strings.HasPrefix(kind, "entry") {
				_, at, _ := strings.Cut(body, `"at":"`)
				at, _, _ = strings.Cut(at, `"`)
				texts[3] = at
				if !moment.MatchString(at) {
					texts = texts[:3]
				}
			}
			n++
			check(os.WriteFile(filepath.Join(folder, fmt.Sprintf("%06d", n)), []byte(known(body, texts...)), 0o600))
		}
	}
	fmt.Println(n, "samples of", len(kinds), "kinds")
}

func read(rows *sql.Rows, kinds map[string][]string) {
	for rows.Next() {
		var head, kind, body string
		check(rows.Scan(&head, &kind, &body))
		kinds[kind] = append(kinds[kind], head+"\x08"+body)
	}
	check(rows.Err())
}

func readDocuments(rows *sql.Rows, kinds map[string][]string) {
	for rows.Next() {
		var head, kind string
		var data, terms []byte
		check(rows.Scan(&head, &kind, &data, &terms))
		body := string(data)
		for len(terms) > 0 { // each is behind its length
			body += "\x00" + string(terms[1:1+terms[0]])
			terms = terms[1+terms[0]:]
		}
		kinds[kind] = append(kinds[kind], head+"\x08"+body)
	}
	check(rows.Err())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
