// Package store is what the gateway itself keeps, by account and region: the state of glue that no
// backend holds. It is persisted and reset like a backend.
package store
