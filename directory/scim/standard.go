package scim

// The URNs of the standard's schemas and messages.
const (
	urnUser       = "urn:ietf:params:scim:schemas:core:2.0:User"
	urnGroup      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	urnEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	urnConfig     = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
	urnType       = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	urnSchema     = "urn:ietf:params:scim:schemas:core:2.0:Schema"
	urnList       = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	urnSearch     = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
	urnPatch      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
)

// The names by which attributes are read and written in more than one place.
const (
	attrSchemas     = "schemas"
	attrID          = "id"
	attrExternalID  = "externalId"
	attrMeta        = "meta"
	attrUserName    = "userName"
	attrActive      = "active"
	attrName        = "name"
	attrDisplayName = "displayName"
	attrTitle       = "title"
	attrEmails      = "emails"
	attrGroups      = "groups"
	attrEmployee    = "employeeNumber"
	attrDepartment  = "department"
	attrManager     = "manager"
	attrMembers     = "members"
	attrValue       = "value"
	attrType        = "type"
	attrDisplay     = "display"
	attrPrimary     = "primary"
	attrRef         = "$ref"
)

// common are the attributes of every resource (RFC 7643, section 3.1).
func common() []*attribute {
	return []*attribute{
		{name: attrSchemas, kind: refer, multi: true, exact: true, mutability: readOnly, returned: always, common: true},
		{name: attrID, kind: text, exact: true, mutability: readOnly, returned: always, by: ByID, common: true},
		{name: attrExternalID, kind: text, exact: true, by: ByExternalID, common: true},
		{name: attrMeta, kind: complete, mutability: readOnly, common: true, sub: []*attribute{
			{name: "resourceType", kind: text, exact: true, mutability: readOnly},
			{name: "created", kind: dateTime, mutability: readOnly},
			{name: "lastModified", kind: dateTime, mutability: readOnly},
			{name: "location", kind: refer, exact: true, mutability: readOnly},
			{name: "version", kind: text, exact: true, mutability: readOnly},
		}},
	}
}

// ignored are attributes of a standard schema that are taken and not kept.
func ignored(names ...string) []*attribute {
	var list []*attribute
	for _, name := range names {
		list = append(list, &attribute{name: name, ignored: true})
	}
	return list
}

func userType() *resourceType {
	core := &schema{id: urnUser, name: "User", description: "A person."}
	core.attributes = append(common(),
		&attribute{name: attrUserName, kind: text, required: true, unique: true, by: ByUserName, description: "The name by which the identity provider knows the person, unique without case."},
		&attribute{name: attrName, kind: complete, description: "The parts of the person's name.", sub: []*attribute{
			{name: "formatted", kind: text, description: "The whole name, as it is shown."},
			{name: "familyName", kind: text, description: "The family name."},
			{name: "givenName", kind: text, description: "The given name."},
			{name: "middleName", kind: text, description: "The middle names."},
			{name: "honorificPrefix", kind: text, description: "What stands before the name, such as Dr."},
			{name: "honorificSuffix", kind: text, description: "What stands behind the name, such as III."},
		}},
		&attribute{name: attrDisplayName, kind: text, by: ByDisplayName, description: "The name that is shown."},
		&attribute{name: attrTitle, kind: text, description: "What the person is in the organization."},
		&attribute{name: attrActive, kind: boolean, description: "Whether the person may sign in. Making it false ends what is theirs."},
		&attribute{name: attrEmails, kind: complete, multi: true, description: "E-mail addresses.", sub: []*attribute{
			{name: attrValue, kind: text, required: true, by: ByEmail, description: "The address."},
			{name: attrDisplay, kind: text, description: "The address as it is shown."},
			{name: attrType, kind: text, canonical: []string{"work", "home", "other"}, description: "What the address is for."},
			{name: attrPrimary, kind: boolean, description: "Whether this is the one to write to; of one alone it is true."},
			{name: attrRef, ignored: true},
		}},
		&attribute{name: attrGroups, kind: complete, multi: true, mutability: readOnly, description: "The groups that the person is a member of; they are changed at the groups.", sub: []*attribute{
			{name: attrValue, kind: text, exact: true, mutability: readOnly, by: ByGroup, description: "The group's id."},
			{name: attrRef, kind: refer, exact: true, mutability: readOnly, refers: []string{"Group"}, description: "The group's address."},
			{name: attrDisplay, kind: text, mutability: readOnly, description: "The group's name."},
		}},
	)
	core.attributes = append(core.attributes, ignored(
		"password", "nickName", "profileUrl", "userType", "preferredLanguage", "locale", "timezone", "phoneNumbers", "ims", "photos",
		"addresses", "entitlements", "roles", "x509Certificates")...)
	enterprise := &schema{id: urnEnterprise, name: "Enterprise User", description: "What an organization says of a person.", extension: true}
	enterprise.attributes = append([]*attribute{
		{name: attrEmployee, kind: text, description: "The organization's number for the person."},
		{name: attrDepartment, kind: text, description: "The department."},
		{name: attrManager, kind: complete, description: "The person's manager.", sub: []*attribute{
			{name: attrValue, kind: text, exact: true, by: ByManager, description: "The manager's id."},
			{name: attrRef, kind: refer, exact: true, mutability: readOnly, refers: []string{"User"}, description: "The manager's address."},
			{name: attrDisplayName, ignored: true},
		}},
	}, ignored("costCenter", "organization", "division")...)
	return newType(resourceType{name: "User", endpoint: "/Users", description: "People", schemas: []*schema{core, enterprise}})
}

func groupType() *resourceType {
	core := &schema{id: urnGroup, name: "Group", description: "A group of people."}
	core.attributes = append(common(),
		&attribute{name: attrDisplayName, kind: text, required: true, by: ByDisplayName, description: "The group's name."},
		&attribute{name: attrMembers, kind: complete, multi: true, returned: onRequest, description: "The members, who are people. To read those of a large group, ask for Users with the filter groups.value eq \"ID\".", sub: []*attribute{
			{name: attrValue, kind: text, exact: true, required: true, mutability: immutable, description: "The person's id."},
			{name: attrRef, kind: refer, exact: true, mutability: immutable, refers: []string{"User"}, description: "The person's address."},
			{name: attrType, kind: text, mutability: immutable, canonical: []string{"User"}, description: "User, for no group is a member of another."},
			{name: attrDisplay, kind: text, mutability: readOnly, description: "The person's name."},
		}},
	)
	return newType(resourceType{name: "Group", endpoint: "/Groups", description: "Groups of people", schemas: []*schema{core}})
}
