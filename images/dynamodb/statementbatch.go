package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
	"localcloud/images/dynamodb/expr"
	"localcloud/images/dynamodb/partiql"
)

func (b *Backend) batchExecuteStatement(ctx context.Context, in *BatchExecuteStatementInput) (*BatchExecuteStatementOutput, error) {
	call := aws.CallFrom(ctx)
	statements := make([]*partiql.Statement, len(in.Statements))
	problems := make([]error, len(in.Statements))
	reads, writes := false, false
	for i, request := range in.Statements {
		statements[i], problems[i] = parseStatement(request.Statement, request.Parameters)
		if s := statements[i]; s != nil {
			reads = reads || s.Kind == partiql.Select
			writes = writes || s.Kind != partiql.Select
		}
	}
	if reads && writes {
		return nil, invalid("Read and write requests together in the same batch is not supported.")
	}
	out := &BatchExecuteStatementOutput{Responses: make([]BatchStatementResponse, len(in.Statements))}
	consumed := newReport()
	for i := range in.Statements {
		response := &out.Responses[i]
		err := problems[i]
		if err == nil {
			err = b.batchStatement(call, statements[i], &in.Statements[i], response, consumed)
		}
		if err != nil {
			if response.Error, err = statementError(err); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range consumed.names {
		if c := consumed.byName[name].consumed(in.ReturnConsumedCapacity, name); c != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, *c)
		}
	}
	return out, nil
}

// batchStatement runs one statement of a batch on its own.
func (b *Backend) batchStatement(call *aws.Call, s *partiql.Statement, request *BatchStatementRequest, response *BatchStatementResponse, consumed *report) error {
	t, err := b.table(call, s.Table)
	if err != nil {
		return err
	}
	switch s.Kind {
	case partiql.Exists:
		return invalid("EXISTS() is only supported in ExecuteTransaction")
	case partiql.Select:
		key, item, err := selectOne(t, s)
		if err != nil {
			return err
		}
		if key == "" {
			return invalid("Select statements within BatchExecuteStatement must specify the primary key in the where clause.")
		}
		record := t.items.Get(key)
		response.TableName, response.Item = &t.name, item(record)
		consumed.of(t.name).read(nil, readUnits(record.Size(), consistency(request.ConsistentRead)))
		return nil
	}
	a, err := newStatementAction(t, s, deref(request.ReturnValuesOnConditionCheckFailure))
	if err != nil {
		return err
	}
	change, err := t.items.Update(a.key, a.edit, engine.Options{})
	if err != nil {
		return fromEngine(err)
	}
	response.TableName, response.Item = &t.name, a.returned(s, change)
	consumed.of(t.name).write(t, change, 1)
	return nil
}

// selectOne reads a SELECT as the reading of one item by its whole key; key is "" where it is none.
// item gives the row of the item that was read.
func selectOne(t *table, s *partiql.Statement) (key engine.Key, item func(engine.Record) attr.Map, err error) {
	keyItem, rest := splitKey(t, s.Where)
	if keyItem == "" || s.Index != "" {
		return "", nil, nil
	}
	if key, err = t.key(keyItem); err != nil {
		return "", nil, err
	}
	var filter *expr.Condition
	if filter, err = rest.Condition(); err != nil {
		return "", nil, asInvalid(err)
	}
	sel := &selection{fields: s.Fields}
	return key, func(r engine.Record) attr.Map {
		if r == "" || !filter.Holds(r.Item()) {
			return ""
		}
		return sel.shown(r.Item())
	}, nil
}

// statementError is an error as a batch reports it for one statement; what is the service's own
// fault stays an error.
func statementError(err error) (*BatchStatementError, error) {
	var e *aws.Error
	if !errors.As(err, &e) {
		return nil, err
	}
	code := strings.TrimSuffix(e.Code, "Exception")
	switch code {
	case "Validation":
		code = "ValidationError"
	case "ConditionalCheckFailed", "DuplicateItem", "ResourceNotFound", "AccessDenied":
	default:
		return nil, err
	}
	out := &BatchStatementError{Code: &code, Message: &e.Message}
	if detail, ok := e.Detail.(*ConditionalCheckFailedException); ok {
		out.Item = detail.Item
	}
	return out, nil
}

func (b *Backend) executeTransaction(ctx context.Context, in *ExecuteTransactionInput) (*ExecuteTransactionOutput, error) {
	call := aws.CallFrom(ctx)
	statements := make([]*partiql.Statement, len(in.TransactStatements))
	reads, writes := false, false
	for i, request := range in.TransactStatements {
		s, err := parseStatement(request.Statement, request.Parameters)
		if err != nil {
			return nil, inStatement(i, err)
		}
		switch {
		case s.Returning != "":
			return nil, inStatement(i, invalid("RETURNING clause is not supported in ExecuteTransaction."))
		case s.Index != "":
			return nil, inStatement(i, invalid("Reads on indices are not supported within transactions."))
		}
		reads = reads || s.Kind == partiql.Select
		writes = writes || s.Kind != partiql.Select
		statements[i] = s
	}
	if reads && writes {
		return nil, invalid("ExecuteTransaction API does not support both read and write operations in the same request.")
	}
	if reads {
		return b.readTransaction(call, statements, in)
	}
	return b.writeTransaction(call, statements, in)
}

// inStatement says in which statement of a transaction a mistake is.
func inStatement(i int, err error) error {
	var e *aws.Error
	if errors.As(err, &e) && e.Code == "ValidationException" {
		return invalid(fmt.Sprintf("Validation failed in TransactStatements[%d]: %s", i, e.Message))
	}
	return err
}

func (b *Backend) readTransaction(call *aws.Call, statements []*partiql.Statement, in *ExecuteTransactionInput) (*ExecuteTransactionOutput, error) {
	ops := make([]engine.Op, len(statements))
	rows := make([]func(engine.Record) attr.Map, len(statements))
	names := make([]string, len(statements))
	for i, s := range statements {
		t, err := b.table(call, s.Table)
		if err != nil {
			return nil, err
		}
		key, row, err := selectOne(t, s)
		if err != nil {
			return nil, inStatement(i, err)
		}
		if key == "" {
			return nil, inStatement(i, invalid("Select statements within ExecuteTransaction must specify the primary key in the where clause."))
		}
		ops[i], rows[i], names[i] = engine.Op{Table: t.items, Key: key}, row, t.name
	}
	if duplicated(ops) {
		return nil, invalid("Transaction request cannot include multiple operations on one item")
	}
	out := &ExecuteTransactionOutput{Responses: make([]ItemResponse, len(statements))}
	consumed := newReport()
	for i, r := range b.db.ReadAll(ops) {
		out.Responses[i].Item = rows[i](r)
		consumed.of(names[i]).table += readUnits(r.Size(), 2)
	}
	out.ConsumedCapacity = consumed.list(in.ReturnConsumedCapacity, false)
	return out, nil
}

func (b *Backend) writeTransaction(call *aws.Call, statements []*partiql.Statement, in *ExecuteTransactionInput) (*ExecuteTransactionOutput, error) {
	actions := make([]action, len(statements))
	for i, s := range statements {
		t, err := b.table(call, s.Table)
		if err != nil {
			return nil, err
		}
		a, err := newStatementAction(t, s, deref(in.TransactStatements[i].ReturnValuesOnConditionCheckFailure))
		if err != nil {
			return nil, inStatement(i, err)
		}
		actions[i] = a.action
	}
	changes, repeated, err := b.transact(call, actions, in.ClientRequestToken, func(h hash.Hash) { hashStatements(h, in.TransactStatements) })
	if err != nil {
		return nil, err
	}
	consumed := newReport()
	for i, a := range actions {
		if repeated {
			consumed.of(a.table.name).table += readUnits(a.table.items.Get(a.key).Size(), 2)
		} else {
			consumed.of(a.table.name).write(a.table, changes[i], 2)
		}
	}
	return &ExecuteTransactionOutput{
		Responses: []ItemResponse{}, ConsumedCapacity: consumed.list(in.ReturnConsumedCapacity, !repeated),
	}, nil
}
