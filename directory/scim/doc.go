// Package scim speaks SCIM 2.0 (RFC 7643 and RFC 7644): identity providers create, change
// and deactivate people and groups through it. It knows the protocol alone, and nothing of
// what a person may do; who keeps people and groups implements Directory.
//
// # What is kept
//
// Of a person: userName, externalId, active, name, displayName, title, emails, and of the
// enterprise extension employeeNumber, department and manager. The other attributes of the
// two standard schemas (password, addresses, phoneNumbers, roles, …) are taken and ignored,
// because providers send them by default; /Schemas does not list them. An attribute of no
// schema is refused.
//
// Of a group: displayName, externalId, and who its members are. Members are people; they are
// never read or written as one list: a change says whom to add and whom to remove, and a
// reader asks for Users with the filter groups.value eq "ID", page by page. The attribute
// members is therefore of the kind that is returned only where it is asked for
// (attributes=members), and where it is too long the answer is an error, never a part of it.
//
// # How bodies are read
//
// As the documented ones of Microsoft Entra ID and Okta are: operations in any case, a
// boolean as the text "True", a complex value as the text of its value (a manager, a member),
// one value where a list belongs, PATCH without a path whose keys are paths themselves, and a
// removal that lists the values to remove. Attribute names have no case (RFC 7643, section
// 2.1), so two names of one object that differ by case alone are refused as a duplicate.
//
// Where the condition in a path's brackets finds no value, a removal has nothing to do, and
// an addition or replacement makes the value that the condition names: emails[type eq
// "work"].value makes the address of type work. RFC 7644 (section 3.5.2.3) has noTarget for the
// replacement, but Entra ID sends it for what a person did not have before, and a refusal
// would also hold up what stands beside it in the request: that the person left. noTarget
// remains where the condition names no such value.
//
// What is left out of a replacement (PUT) has no value afterwards, but for active, which then
// stays as it is: a body without it must not bring back who was deactivated.
//
// # How filters are met
//
// The whole grammar of RFC 7644 is read, with these rules where it leaves room:
//   - A comparison with an attribute that has no value does not match, and ne is a
//     comparison: title ne "x" finds those who have another title, not (title eq "x") also
//     those who have none. title eq null finds those who have none.
//   - Of several values one must match, also for ne. Conditions in brackets are met by one
//     and the same value.
//   - Texts are compared by the caseExact of their attribute, with every operator; times as
//     instants; true and false in any case, quoted or not.
//   - A complex attribute stands for its value: manager eq "ID", emails co "example.com".
//   - An attribute of no schema has no value (section 3.4.2.2).
//   - emails[type eq "work"].value eq "x", which is outside of the grammar, is what Entra ID
//     asks where it matches people by their address: it is read as
//     emails[type eq "work" and value eq "x"].
//   - Of a group's members it can be asked only whether somebody is one: members.value eq
//     "ID", alone or with other conditions by and.
//
// # Why no library
//
// github.com/elimity-com/scim refuses bodies that Entra ID sends, checks changes without
// applying them, and knows neither preconditions nor bounds. github.com/scim2/filter-parser
// refuses legal filters, does not read escapes (findings/filter-parser-legal-filters.sh), and
// has no bounds. So the second judges our parser in the tests, where npm's scim-patch and
// scimmy judge what PATCH and filters do.
package scim
