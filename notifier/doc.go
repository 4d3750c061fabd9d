// Package notifier tells people what happens to access requests: it follows the
// stream of request events and sends what is owed to the integrations' channels.
// It is a client of the server's public API like any other, so it can run in the
// server's process or on another machine.
//
// It keeps nothing of its own. Two promises rest on what the server stores:
//
//   - What is owed is written down (planDeliveries) in the same step in which the
//     consumer's cursor moves past the event. So a crash at any point loses no
//     event and owes none twice.
//   - What is written down is sent until the outcome is written down
//     (recordDeliveryAttempt). So a crash repeats at most the one message that was
//     in flight to each integration.
//
// Each integration has a lane: its messages go out one at a time, in the order in
// which they were owed, and the next waits while one is being retried. Lanes do not
// wait for each other.
//
// One notifier works at a time, the one that holds the consumer's lease; others
// stand by and take over when it is lost. That is package worker's.
package notifier
