// Package oidc signs people in through an OpenID Connect provider, by the
// authorization code flow with PKCE (https://openid.net/specs/openid-connect-core-1_0.html,
// RFC 7636). It knows the protocol alone: who a person is here, and their session,
// is for the caller.
//
// A sign-in is a Flow: what the browser that began it keeps, and nobody else. Nothing
// is kept on the server, so a flood of beginnings costs nothing; and nothing of the
// provider's tokens outlives the sign-in.
package oidc
