// Package wire decodes and encodes the messages of every AWS protocol, driven by the shapes of the
// models, on both sides: a server decodes requests and encodes responses and errors, a client the
// other way round.
//
// A message's value is a pointer to a generated structure (images/*/api.go) or a document: a
// map[string]any by member names with []any, map[string]any, string, int64, float64, bool, []byte
// and time.Time below it. Structures are read and written through plans, compiled once for a pair of
// shape and Go type.
package wire
