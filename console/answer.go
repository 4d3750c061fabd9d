package console

import (
	"encoding/json"
	"time"
)

// The types here are the API's answers to the documents in query/, field by field.

type viewer struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Role string `json:"role"`
}

type person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// item has the names of now; those of when it was asked for are beside them where
// they differ.
type item struct {
	ResourceName    string  `json:"resourceName"`
	ResourceNameWas *string `json:"resourceNameWas"`
	ResourceKind    string  `json:"resourceKind"`
	Role            *string `json:"role"`
	AccountName     *string `json:"accountName"`
	AccountNameWas  *string `json:"accountNameWas"`
	GatewayName     *string `json:"gatewayName"`
	GatewayNameWas  *string `json:"gatewayNameWas"`
	Unavailable     *string `json:"unavailable"` // why it can't be given any more
}

type window struct {
	StartsAt  time.Time `json:"startsAt"`
	ExpiresAt time.Time `json:"expiresAt"`
}

type actor struct {
	ID            string  `json:"id"`
	Kind          string  `json:"kind"`
	Name          string  `json:"name"`
	Email         *string `json:"email"`
	Via           string  `json:"via"`
	ActingService *string `json:"actingService"`
}

type reviewAnswer struct {
	Reviewer actor     `json:"reviewer"`
	Decision string    `json:"decision"`
	Comment  *string   `json:"comment"`
	Duration *length   `json:"duration"`
	At       time.Time `json:"at"`
}

type extension struct {
	Duration    length    `json:"duration"`
	Reason      string    `json:"reason"`
	RequestedAt time.Time `json:"requestedAt"`
	ExpiresAt   time.Time `json:"expiresAt"` // the access's end with it
}

type entry struct {
	At    time.Time       `json:"at"`
	Type  string          `json:"type"`
	Actor actor           `json:"actor"`
	Data  json.RawMessage `json:"data"`
}

type attempt struct {
	At         time.Time `json:"at"`
	Error      *string   `json:"error"`
	StatusCode *int      `json:"statusCode"`
}

type deliveryAnswer struct {
	EventType       *string    `json:"eventType"`
	IntegrationName string     `json:"integrationName"`
	Status          string     `json:"status"`
	AttemptCount    int        `json:"attemptCount"`
	Attempts        []attempt  `json:"attempts"`
	NextAttemptAt   *time.Time `json:"nextAttemptAt"`
	CreatedAt       time.Time  `json:"createdAt"`
	DeliveredAt     *time.Time `json:"deliveredAt"`
}

type pageInfo struct {
	HasNextPage     bool    `json:"hasNextPage"`
	HasPreviousPage bool    `json:"hasPreviousPage"`
	StartCursor     *string `json:"startCursor"`
	EndCursor       *string `json:"endCursor"`
}

type connection[T any] struct {
	Nodes    []T      `json:"nodes"`
	PageInfo pageInfo `json:"pageInfo"`
}

// requestAnswer is a request as its own page shows it.
type requestAnswer struct {
	summary
	Version            int                        `json:"version"`
	GrantedDuration    *length                    `json:"grantedDuration"`
	Reason             string                     `json:"reason"`
	Ticket             *string                    `json:"ticket"`
	StartsAt           *time.Time                 `json:"startsAt"`
	Reviews            []reviewAnswer             `json:"reviews"`
	Outcome            *string                    `json:"outcome"`
	NotificationRoutes []linked                   `json:"notificationRoutes"`
	Timeline           connection[entry]          `json:"timeline"`
	Deliveries         connection[deliveryAnswer] `json:"deliveries"`
	ViewerCanReview    bool                       `json:"viewerCanReview"`
}

type linked struct {
	IntegrationName string `json:"integrationName"`
}

// summary is a request as lists show it. Lists of one's own requests leave the last
// three out.
type summary struct {
	ID                string     `json:"id"`
	Status            string     `json:"status"`
	Requester         person     `json:"requester"`
	Items             []item     `json:"items"`
	RequestedDuration length     `json:"requestedDuration"`
	CreatedAt         time.Time  `json:"createdAt"`
	DecideBy          time.Time  `json:"decideBy"`
	Grant             *window    `json:"grant"`
	Extension         *extension `json:"extension"`
}

// userError is an expected failure of a mutation.
type userError struct {
	Code    string   `json:"code"`
	Field   []string `json:"field"`
	Message string   `json:"message"`
}

// changeAnswer is what each mutation here gives back.
type changeAnswer struct {
	Result struct {
		AccessRequest *struct {
			Status    string    `json:"status"`
			Extension *struct{} `json:"extension"`
		} `json:"accessRequest"`
		UserErrors []userError `json:"userErrors"`
	} `json:"result"`
}
