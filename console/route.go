package console

import "net/http"

// route is one row of the table of routes. A GET is also a HEAD.
type route struct {
	pattern string
	serve   http.HandlerFunc
}

// routes is the table of all routes. Those made by c.page, c.form need somebody
// to be signed in; forms also need the session's anti-forgery token.
func (c *Console) routes() []route {
	var out []route
	for _, p := range pages {
		out = append(out, route{p.pattern, c.page(c.showApplication)})
	}
	return append(out, []route{
		{"GET /signin", c.showSignIn},
		{"POST /signin", c.signIn},
		{"POST /signout", c.form(c.signOut)},
		{"GET /auth/oidc/start", c.beginSSO},
		{"GET /auth/oidc/callback", c.finishSSO},

		{"GET /links", c.page(c.showSlack)},
		{"POST /links/{id}/remove", c.form(c.removeLink)},
		{"POST /links/{id}/agree", c.form(c.agreeLink)},
		{"GET /links/install", c.backToSlack},
		{"POST /links/install", c.form(c.startInstall)},
		{"POST /links/{id}/accept", c.form(c.acceptWorkspace)},
		{"POST /links/{id}/refuse", c.form(c.refuseWorkspace)},
		{"POST /links/{id}/webhook", c.form(c.takeWebhook)},
		{"GET /links/{id}/{action}", c.backToSlack},

		{"GET /link/slack/{token}", c.page(c.showLink)},
		{"POST /link/slack/{token}", c.form(c.confirmLink)},

		{"GET " + errorsPath, c.showCodes},

		{"GET " + c.assets.stylePath, c.assets.style},
		{"GET " + c.assets.iconPath, c.assets.icon},
		{"/", c.notFound},
	}...)
}
