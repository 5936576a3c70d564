// Package partiql parses the statements of DynamoDB's PartiQL: SELECT, INSERT, UPDATE, DELETE and
// EXISTS, with parameters. What a statement asks of items is made of package expr.
//
// Read it in this order: partiql (what statements are), lex, parse, operand.
package partiql

import (
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/expr"
)

// Kind is the kind of a statement.
type Kind uint8

// The kinds.
const (
	Select Kind = iota
	Insert
	Update
	Delete
	Exists // EXISTS(SELECT ...), in transactions only
)

// Statement is one parsed statement with its parameters filled in.
type Statement struct {
	Kind  Kind
	Table string
	Index string // "" for the table itself

	Fields  []Field // of a SELECT, nil for *
	Where   expr.Node
	OrderBy []Order

	Item        attr.Map          // of an INSERT
	Assignments []expr.Assignment // of an UPDATE
	// Returning is the text behind RETURNING, "" for none: "ALL OLD *".
	Returning string
}

// Field is one expression of a SELECT.
type Field struct {
	Path attr.Path
	Name string // in the answer
}

// Order is one key of an ORDER BY.
type Order struct {
	Name string
	Desc bool
}

// Error is a mistake in a statement, as AWS words it.
type Error string

// Error makes an Error an error.
func (e Error) Error() string { return string(e) }

const malformed = "Statement wasn't well formed, can't be processed: "

// maxStatement is the length of a statement in characters.
const maxStatement = 8192
