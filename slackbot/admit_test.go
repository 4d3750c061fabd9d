package slackbot

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// Only admit makes somebody whom the server may be asked for, and only [server.as]
// asks for anybody: so no handler can leave the look-up out.
func TestOnlyAdmitAdmits(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	made, acted := 0, 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if id, ok := n.Type.(*ast.Ident); ok && id.Name == "admitted" && len(n.Elts) > 0 {
					made++
					if f.Name() != "admit.go" {
						t.Errorf("%s makes an admitted of its own", set.Position(n.Pos()))
					}
				}
			case *ast.SelectorExpr:
				if n.Sel.Name == "ActFor" {
					acted++
					if f.Name() != "server.go" {
						t.Errorf("%s acts for somebody who was perhaps not admitted", set.Position(n.Pos()))
					}
				}
			}
			return true
		})
	}
	if made == 0 || acted != 1 {
		t.Errorf("the test looks for what is not there: %d made, %d acted", made, acted)
	}
}

// A form names the app's workspace in its view, and comes with that of the person.
func TestWhereAFormComesFrom(t *testing.T) {
	in := interaction{Team: slack.Team{ID: "T2"}, Enterprise: slack.Enterprise{ID: "E2"}}
	in.User.ID, in.User.TeamID = "U1", "T2"
	in.View.AppInstalledTeamID = "T1"
	at := ofInteraction(in)
	if at.installations[0] != "T1" || at.team != "T2" || at.user != "U1" {
		t.Errorf("%+v", at)
	}
	in.View.AppInstalledTeamID, in.IsEnterpriseInstall = "", true
	if at := ofInteraction(in); at.installations[0] != "E2" || at.installations[1] != "T2" {
		t.Errorf("%+v", at)
	}
}

// What is remembered of members ends, and is bounded.
func TestMembersAreForgotten(t *testing.T) {
	var l members
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	s := seat{"T1", "U1"}
	for i := range maxMembers + 1 {
		l.put(seat{"T1", string(rune(i))}, l.known[s].member, at)
	}
	if len(l.known) > maxMembers {
		t.Errorf("%d are remembered", len(l.known))
	}
	l.put(s, l.known[s].member, at)
	if _, ok := l.get(s, at.Add(time.Second)); ok {
		t.Error("what was said before counts")
	}
	if _, ok := l.get(s, at); !ok {
		t.Error("nothing is remembered")
	}
	if l.drop(s); len(l.known) > 0 {
		if _, ok := l.get(s, at); ok {
			t.Error("who is no member is remembered as one")
		}
	}
}
