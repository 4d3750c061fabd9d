// Package directory keeps people and groups as a company's directory wants them: it is what
// the protocol of the package scim stands on, and stands itself on the domain, which says what
// a directory may do (see access.Service.ProvisionUser). It also remembers how the sync goes:
// when the directory last called, and what it was refused.
//
// The directory sees those alone whom it made, or was handed over.
package directory
