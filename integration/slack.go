package integration

import (
	"fmt"
	"regexp"
)

// slackIDs look like C0123ABCD: https://docs.slack.dev/apis/web-api/using-the-conversations-api
var slackIDs = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,30}$`)

// CheckSlackID says what is wrong with an ID of Slack's, such as a channel's, to whoever
// gave it. Whether there is such a thing Slack alone knows.
func CheckSlackID(id string) error {
	if !slackIDs.MatchString(id) {
		return fmt.Errorf("%.40q is not an ID of Slack's.", id) //nolint:revive,staticcheck // a sentence for the person who typed it
	}
	return nil
}
