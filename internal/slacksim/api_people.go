package slacksim

import (
	"slices"
	"strconv"
	"strings"
)

// ofTeam gives the workspace that a call is about: the token's own, or the one
// that team_id names where the token is an organisation's.
func (c *call) ofTeam() (*team, *apiError) {
	in, id := c.token.install, c.args["team_id"]
	if in.team != nil {
		return in.team, nil
	}
	if id == "" {
		return nil, no("missing_argument", "an organisation's token needs team_id")
	}
	t := c.teams[id]
	if t == nil || !in.covers(t) {
		return nil, no("team_access_not_granted", "the installation does not reach %s", id)
	}
	return t, nil
}

// someone finds a person or bot that the token may see, by id.
func (c *call) someone(id string) (*user, *apiError) {
	u := c.users[id]
	if id == "" || u == nil || !c.token.install.covers(u.team) {
		return nil, no("user_not_found", "nobody here has the id %q", id)
	}
	return u, nil
}

func (c *call) usersInfo() (reply, *apiError) {
	u, e := c.someone(c.args["user"])
	if e != nil {
		return nil, e
	}
	return reply{"user": c.userJSON(u)}, nil
}

func (c *call) usersLookup() (reply, *apiError) {
	email := c.args["email"]
	for _, t := range c.teamOrder {
		for _, u := range t.people {
			if email != "" && !u.gone && strings.EqualFold(u.Email, email) && c.token.install.covers(t) {
				return reply{"user": c.userJSON(u)}, nil
			}
		}
	}
	return nil, no("users_not_found", "nobody here has the address %q", email)
}

func (c *call) usersList() (reply, *apiError) {
	t, e := c.ofTeam()
	if e != nil {
		return nil, e
	}
	members := []any{c.userJSON(c.token.install.user)}
	for _, u := range t.people {
		members = append(members, c.userJSON(u))
	}
	shown, next, e := c.page(members)
	if e != nil {
		return nil, e
	}
	return reply{"members": shown, "cache_ts": c.opts.Now().Unix(), "response_metadata": reply{"next_cursor": next}}, nil
}

// page gives the part of a list that limit and cursor ask for.
func (c *call) page(list []any) (part []any, next string, _ *apiError) {
	from, limit := 0, len(list)
	if v := c.args["limit"]; v != "" && v != "0" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 1000 {
			return nil, "", no("invalid_limit", "the limit is %q", v)
		}
		limit = n
	}
	if v := c.args["cursor"]; v != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(v, "sim:"))
		if err != nil || n < 0 || n > len(list) {
			return nil, "", no("invalid_cursor", "the cursor is %q", v)
		}
		from = n
	}
	to := min(from+limit, len(list))
	if to < len(list) {
		next = "sim:" + strconv.Itoa(to)
	}
	return list[from:to], next, nil
}

// userJSON is a person as Slack tells of them; the address only to those who may
// know it.
func (c *call) userJSON(u *user) reply {
	profile := reply{
		"real_name": u.Real, "real_name_normalized": u.Real, "display_name": u.Name, "display_name_normalized": u.Name,
		"team": u.homeTeam(), "status_text": "", "status_emoji": "", "avatar_hash": "sim",
	}
	if u.Email != "" && (u.Foreign == "" || c.sibling(u)) && c.has("users:read.email") {
		profile["email"] = u.Email
	}
	if u.bot {
		profile["bot_id"], profile["api_app_id"] = u.botID, c.app.ID
	}
	out := reply{
		"id": u.ID, "team_id": u.homeTeam(), "name": u.Name, "real_name": u.Real, "deleted": u.gone, "profile": profile,
		"tz": "Etc/UTC", "tz_label": "Coordinated Universal Time", "tz_offset": 0, "is_bot": u.bot, "is_app_user": false,
		"is_admin": false, "is_owner": false, "is_primary_owner": false, "is_restricted": u.Guest || u.SingleChannel, "is_ultra_restricted": u.SingleChannel,
		"is_stranger": c.stranger(u, c.token.install), "is_email_confirmed": u.Email != "", "updated": c.opts.Now().Unix(),
	}
	if org := c.belongsTo(u); org != "" {
		out["enterprise_user"] = reply{
			"id": u.ID, "enterprise_id": org, "enterprise_name": "Organisation " + org, "is_admin": false, "is_owner": false,
			"is_primary_owner": false, "teams": []any{u.homeTeam()},
		}
	}
	return out
}

func (c *call) botsInfo() (reply, *apiError) {
	in := c.token.install
	if id := c.args["bot"]; id != "" && id != in.user.botID {
		return nil, no("bot_not_found", "no bot here has the id %q", id)
	}
	return reply{"bot": reply{
		"id": in.user.botID, "deleted": false, "name": in.user.Real, "user_id": in.user.ID, "app_id": c.app.ID,
		"updated": c.opts.Now().Unix(), "icons": reply{},
	}}, nil
}

func (c *call) teamInfo() (reply, *apiError) {
	id := c.args["team"]
	t := c.teams[id]
	if id == "" {
		var e *apiError
		if t, e = c.ofTeam(); e != nil {
			return nil, e
		}
	}
	if t == nil || !c.token.install.covers(t) {
		return nil, no("team_not_found", "the token does not reach %q", id)
	}
	out := reply{"id": t.id, "name": t.name, "domain": t.domain, "email_domain": "", "icon": reply{"image_default": true}}
	if t.enterprise != "" {
		out["enterprise_id"], out["enterprise_name"] = t.enterprise, "Organisation "+t.enterprise
	}
	return reply{"team": out}, nil
}

// conversation finds a channel that the token may see, by its id, or where named
// is true by its name, too.
func (c *call) conversation(name string, named bool) (*channel, *apiError) {
	in := c.token.install
	ch := c.channels[name]
	if ch == nil && named && in.team != nil {
		ch = in.team.channel(strings.TrimPrefix(name, "#"))
	}
	switch {
	case ch == nil || !ch.visible() || !in.covers(ch.team):
		return nil, no("channel_not_found", "there is no channel %q that this token reaches", name)
	case ch.kind != public && !ch.members[in.user.ID]:
		return nil, no("channel_not_found", "the app is not in %q, which is %s", name, ch.kind)
	}
	return ch, nil
}

func (c *call) conversationsOpen() (reply, *apiError) {
	if id := c.args["channel"]; id != "" {
		ch, e := c.conversation(id, false)
		if e != nil {
			return nil, e
		}
		return reply{"channel": reply{"id": ch.id}, "no_op": true, "already_open": true}, nil
	}
	ids := strings.FieldsFunc(strings.Trim(c.args["users"], `[]"`), func(r rune) bool { return r == ',' || r == '"' || r == ' ' })
	switch len(ids) {
	case 0:
		return nil, no("users_list_not_supplied", "users is empty")
	case 1:
	default:
		return nil, no("not_enough_users", "this simulator has direct messages with one person only, not %d", len(ids))
	}
	u, e := c.someone(ids[0])
	if e != nil {
		return nil, e
	}
	if u.bot {
		return nil, no("cannot_dm_bot", "%s is a bot", u.ID)
	}
	ch, already := c.directWith(u)
	out := reply{"channel": reply{"id": ch.id}}
	if already {
		out["no_op"], out["already_open"] = true, true
	}
	if c.yes("return_im") {
		out["channel"] = c.channelJSON(ch)
	}
	return out, nil
}

func (c *call) conversationsInfo() (reply, *apiError) {
	ch, e := c.conversation(c.args["channel"], false)
	if e != nil {
		return nil, e
	}
	need := map[string]string{public: "channels:read", private: "groups:read", direct: "im:read"}[ch.kind]
	if e := c.needs(need); e != nil {
		return nil, e
	}
	return reply{"channel": c.channelJSON(ch)}, nil
}

func (c *call) conversationsJoin() (reply, *apiError) {
	ch, e := c.conversation(c.args["channel"], false)
	switch {
	case e != nil:
		return nil, e
	case ch.kind != public:
		return nil, no("method_not_supported_for_channel_type", "the channel is %s", ch.kind)
	case ch.state == "archived":
		return nil, no("is_archived", "the channel is archived")
	}
	ch.members[c.token.install.user.ID] = true
	c.announce()
	return reply{"channel": c.channelJSON(ch)}, nil
}

func (c *call) conversationsList() (reply, *apiError) {
	t, e := c.ofTeam()
	if e != nil {
		return nil, e
	}
	types := c.args["types"]
	if types == "" {
		types = "public_channel"
	}
	kinds := map[string][2]string{"public_channel": {public, "channels:read"}, "private_channel": {private, "groups:read"}, "im": {direct, "im:read"}, "mpim": {"", "mpim:read"}}
	var wanted []string
	for name := range strings.SplitSeq(types, ",") {
		k, ok := kinds[strings.TrimSpace(name)]
		if !ok {
			return nil, no("invalid_types", "the type %q is unknown", name)
		}
		if e := c.needs(k[1]); e != nil {
			return nil, e
		}
		wanted = append(wanted, k[0])
	}
	found := []any{}
	for _, ch := range t.channels {
		mine := ch.kind == public || ch.members[c.token.install.user.ID]
		hidden := !ch.visible() || (ch.state == "archived" && c.yes("exclude_archived"))
		if mine && !hidden && slices.Contains(wanted, ch.kind) {
			found = append(found, c.channelJSON(ch))
		}
	}
	if v := c.args["limit"]; v == "" || v == "0" {
		c.args["limit"] = "100" // what Slack takes where none is given
	}
	shown, next, e := c.page(found)
	if e != nil {
		return nil, e
	}
	return reply{"channels": shown, "response_metadata": reply{"next_cursor": next}}, nil
}

func (c *call) channelJSON(ch *channel) reply {
	if ch.kind == direct {
		return reply{"id": ch.id, "created": 1, "is_im": true, "is_org_shared": false, "user": ch.with.ID, "is_user_deleted": false, "priority": 0}
	}
	return reply{
		"id": ch.id, "name": ch.name, "name_normalized": ch.name, "created": 1, "creator": "USLACKBOT",
		"is_channel": ch.kind == public, "is_group": ch.kind == private, "is_im": false, "is_mpim": false, "is_private": ch.kind == private,
		"is_archived": ch.state == "archived", "is_general": ch.name == "general", "is_shared": c.extShared(ch), "is_org_shared": false, "is_ext_shared": c.extShared(ch),
		"is_member": ch.members[c.token.install.user.ID], "num_members": len(ch.members), "context_team_id": ch.team.id,
		"topic": reply{"value": "", "creator": "", "last_set": 0}, "purpose": reply{"value": "", "creator": "", "last_set": 0},
	}
}
