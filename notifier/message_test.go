package notifier

import (
	"strings"
	"testing"
)

// Who decides is said of what an integration sees, and with no names where requesters
// are not to know; nothing where nobody made policies, or once it is decided.
func TestWhoDecidesIsSent(t *testing.T) {
	d := shown("1/a", "a")
	d.Event.Request.Status = "PENDING"
	d.Route.Items = []RequestItem{{ResourceID: "res_1", ResourceName: "orders-db"}}
	present := step{Need: 1, Status: "PRESENT", Lacking: 1, Approvers: []approver{{ApproverID: "usr_1", Name: "Eve", By: "OWNER"}, {ApproverID: "administrators"}}}
	d.Event.Request.Tracks = []track{
		{PolicyName: "Data", PolicyVersion: 2, ResourceIDs: []string{"res_1", "res_2"}, Steps: []step{present}},
		{PolicyName: "Money", PolicyVersion: 2, ResourceIDs: []string{"res_3"}, Steps: []step{present}},
	}
	got := d.message().Tracks
	if len(got) != 1 || got[0].Policy != "Data" || len(got[0].Items) != 1 || strings.Join(got[0].Steps[0].Approvers, ", ") != "Eve (owner), the administrators" {
		t.Errorf("%+v", got)
	}
	d.Event.Request.Tracks[0].HideApprovers = true
	if got := d.message().Tracks; len(got[0].Steps[0].Approvers) != 0 {
		t.Errorf("%+v", got)
	}
	d.Request = &standing{Status: "APPROVED"}
	if got := d.message().Tracks; got != nil {
		t.Errorf("decided meanwhile: %+v", got)
	}
	d.Request = nil
	d.Event.Request.Tracks[0].PolicyVersion = 0
	if got := d.message().Tracks; got != nil {
		t.Errorf("with nobody's policies: %+v", got)
	}
}
