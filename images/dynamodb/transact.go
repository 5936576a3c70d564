package dynamodb

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"maps"
	"slices"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
)

// maxTransaction is the size of all items of a transaction in bytes.
const maxTransaction = 4 << 20

// action is one action of a transaction: an edit of one item.
type action struct {
	table     *table
	key       engine.Key
	keyItem   attr.Map // its key attributes, or the whole item of a put
	edit      engine.Edit
	returnOld bool // with a failed condition
}

func (b *Backend) transactWriteItems(ctx context.Context, in *TransactWriteItemsInput) (*TransactWriteItemsOutput, error) {
	call := aws.CallFrom(ctx)
	actions, err := b.actions(call, in.TransactItems)
	if err != nil {
		return nil, err
	}
	changes, repeated, err := b.transact(call, actions, in.ClientRequestToken, func(h hash.Hash) { hashActions(h, in.TransactItems) })
	if err != nil {
		return nil, err
	}
	out := &TransactWriteItemsOutput{}
	consumed := newReport()
	for i, a := range actions {
		if repeated { // AWS only reads to answer a repeated token
			consumed.of(a.table.name).table += readUnits(a.table.items.Get(a.key).Size(), 2)
			continue
		}
		consumed.of(a.table.name).write(a.table, changes[i], 2)
		if m := a.table.metrics(in.ReturnItemCollectionMetrics, a.keyItem); m != nil {
			if out.ItemCollectionMetrics == nil {
				out.ItemCollectionMetrics = make(map[string][]ItemCollectionMetrics)
			}
			out.ItemCollectionMetrics[a.table.name] = append(out.ItemCollectionMetrics[a.table.name], *m)
		}
	}
	out.ConsumedCapacity = consumed.list(in.ReturnConsumedCapacity, !repeated)
	return out, nil
}

// transact runs actions as one transaction, once for a token. repeated says that the token's
// transaction was done before.
func (b *Backend) transact(call *aws.Call, actions []action, token *string, content func(hash.Hash)) (changes []engine.Change, repeated bool, err error) {
	ops := make([]engine.Op, len(actions))
	for i, a := range actions {
		ops[i] = engine.Op{Table: a.table.items, Key: a.key, Edit: a.edit}
	}
	if duplicated(ops) {
		return nil, false, invalid("Transaction request cannot include multiple operations on one item")
	}
	var meta *engine.Meta
	if token != nil {
		h := sha256.New()
		content(h)
		done, m, err := b.tokens.begin(b, call, *token, hex.EncodeToString(h.Sum(nil)))
		if err != nil || done {
			return nil, done, err
		}
		defer func() { b.tokens.end(m.Key, err == nil) }()
		meta = m
	}
	changes, errs, err := b.db.Transact(ops, meta)
	if err != nil {
		return nil, false, fromEngine(err)
	}
	if errs == nil {
		return changes, false, nil
	}
	reasons := newReasons(len(actions))
	for i, e := range errs {
		if e != nil && !reasons.add(i, e) {
			return nil, false, e
		}
		if e != nil && actions[i].returnOld && changes[i].Old != "" {
			reasons.list[i].Item = changes[i].Old.Item()
		}
	}
	return nil, false, reasons.err()
}

// reasons are the reasons for which a transaction is cancelled, by action.
type reasons struct {
	list   []CancellationReason
	failed bool
}

func newReasons(n int) *reasons {
	r := &reasons{list: make([]CancellationReason, n)}
	for i := range r.list {
		r.list[i].Code = ptr("None")
	}
	return r
}

// add makes an error the reason of an action; false where the error is the whole call's.
func (r *reasons) add(i int, err error) bool {
	var e *aws.Error
	if !errors.As(err, &e) || strings.HasPrefix(e.Message, "One or more parameter values are not valid.") {
		return false
	}
	code := "ValidationError"
	switch e.Code {
	case "ConditionalCheckFailedException":
		code = "ConditionalCheckFailed"
	case "DuplicateItemException":
		code = "DuplicateItem"
	case "ValidationException":
	default:
		return false
	}
	r.list[i].Code, r.list[i].Message = &code, &e.Message
	r.failed = true
	return true
}

// err is the error of a cancelled transaction, nil where there is no reason.
func (r *reasons) err() error {
	if !r.failed {
		return nil
	}
	codes := make([]string, len(r.list))
	for i := range r.list {
		codes[i] = *r.list[i].Code
	}
	e := aws.Errorf("TransactionCanceledException",
		"Transaction cancelled, please refer cancellation reasons for specific reasons [%s]", strings.Join(codes, ", "))
	e.Detail = &TransactionCanceledException{CancellationReasons: r.list}
	return e
}

// actions checks the actions of a transaction: first what needs no table, then the rest. What is
// wrong with the type of a key cancels the transaction, all else refuses the call.
func (b *Backend) actions(call *aws.Call, items []TransactWriteItem) ([]action, error) {
	actions := make([]action, len(items))
	resolve := make([]func() error, len(items))
	size := 0
	for i := range items {
		var err error
		if resolve[i], err = b.action(call, &items[i], &actions[i]); err != nil {
			return nil, err
		}
		if put := items[i].Put; put != nil {
			size += put.Item.Size()
		}
	}
	if size > maxTransaction {
		return nil, invalid("Collective size of items in the transaction exceeds 4 MB")
	}
	reasons := newReasons(len(items))
	for i := range items {
		if err := resolve[i](); err != nil && !reasons.add(i, err) {
			return nil, err
		}
	}
	return actions, reasons.err()
}

// action checks one action and returns what is left to do with the table.
func (b *Backend) action(call *aws.Call, item *TransactWriteItem, a *action) (resolve func() error, err error) {
	count := 0
	for _, set := range [...]bool{item.ConditionCheck != nil, item.Put != nil, item.Delete != nil, item.Update != nil} {
		if set {
			count++
		}
	}
	if count != 1 {
		return nil, invalid("TransactItems can only contain one of Check, Put, Update or Delete")
	}
	switch {
	case item.Put != nil:
		return b.putAction(call, item.Put, a)
	case item.Update != nil:
		return b.updateAction(call, item.Update, a)
	case item.Delete != nil:
		d := item.Delete
		return b.deleteAction(call, d, a)
	}
	return b.checkAction(call, item.ConditionCheck, a)
}

func (b *Backend) putAction(call *aws.Call, put *Put, a *action) (func() error, error) {
	in := &PutItemInput{
		Item: put.Item, ConditionExpression: put.ConditionExpression, ExpressionAttributeNames: put.ExpressionAttributeNames,
		ExpressionAttributeValues: put.ExpressionAttributeValues, ReturnValuesOnConditionCheckFailure: put.ReturnValuesOnConditionCheckFailure,
	}
	condition, err := in.check()
	if err != nil {
		return nil, err
	}
	a.returnOld, a.keyItem = condition.returnOld, put.Item
	a.edit = func(old engine.Record) (attr.Map, error) { return put.Item, condition.check(old.Item()) }
	return func() error {
		if a.table, err = b.table(call, put.TableName); err != nil {
			return err
		}
		if err := a.table.checkPaths(condition.condition.Paths()); err != nil {
			return err
		}
		a.key, err = a.table.itemKey(put.Item)
		return err
	}, nil
}

func (b *Backend) deleteAction(call *aws.Call, d *Delete, a *action) (func() error, error) {
	in := &DeleteItemInput{
		Key: d.Key, ConditionExpression: d.ConditionExpression, ExpressionAttributeNames: d.ExpressionAttributeNames,
		ExpressionAttributeValues: d.ExpressionAttributeValues, ReturnValuesOnConditionCheckFailure: d.ReturnValuesOnConditionCheckFailure,
	}
	condition, err := in.check()
	if err != nil {
		return nil, err
	}
	a.edit = func(old engine.Record) (attr.Map, error) { return "", condition.check(old.Item()) }
	return b.keyed(call, d.TableName, d.Key, a, &condition, nil), nil
}

func (b *Backend) checkAction(call *aws.Call, c *ConditionCheck, a *action) (func() error, error) {
	in := &DeleteItemInput{
		Key: c.Key, ConditionExpression: &c.ConditionExpression, ExpressionAttributeNames: c.ExpressionAttributeNames,
		ExpressionAttributeValues: c.ExpressionAttributeValues, ReturnValuesOnConditionCheckFailure: c.ReturnValuesOnConditionCheckFailure,
	}
	condition, err := in.check()
	if err != nil {
		return nil, err
	}
	a.edit = func(old engine.Record) (attr.Map, error) { return old.Item(), condition.check(old.Item()) }
	return b.keyed(call, c.TableName, c.Key, a, &condition, nil), nil
}

func (b *Backend) updateAction(call *aws.Call, update *Update, a *action) (func() error, error) {
	in := &UpdateItemInput{
		Key: update.Key, UpdateExpression: &update.UpdateExpression, ConditionExpression: update.ConditionExpression,
		ExpressionAttributeNames: update.ExpressionAttributeNames, ExpressionAttributeValues: update.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: update.ReturnValuesOnConditionCheckFailure,
	}
	u, err := in.check()
	if err != nil {
		return nil, err
	}
	a.edit = func(old engine.Record) (attr.Map, error) { return u.edit(a.table, update.Key)(old) }
	return b.keyed(call, update.TableName, update.Key, a, &u.writeCondition, u), nil
}

// keyed is what is left of an action whose item is named by its key.
func (b *Backend) keyed(call *aws.Call, name string, key attr.Map, a *action, c *writeCondition, u *updater) func() error {
	a.returnOld, a.keyItem = c.returnOld, key
	return func() (err error) {
		if a.table, err = b.table(call, name); err != nil {
			return err
		}
		if u != nil {
			if err := u.checkKeys(a.table); err != nil {
				return err
			}
		}
		if err := a.table.checkPaths(c.condition.Paths()); err != nil {
			return err
		}
		a.key, err = a.table.key(key)
		return err
	}
}

// hashActions feeds everything that makes two transactions the same into h.
func hashActions(h hash.Hash, items []TransactWriteItem) {
	for _, item := range items {
		switch {
		case item.Put != nil:
			p := item.Put
			hashAction(h, "put", p.TableName, p.Item, "", p.ConditionExpression, p.ExpressionAttributeNames, p.ExpressionAttributeValues)
		case item.Update != nil:
			u := item.Update
			hashAction(h, "update", u.TableName, u.Key, u.UpdateExpression, u.ConditionExpression, u.ExpressionAttributeNames, u.ExpressionAttributeValues)
		case item.Delete != nil:
			d := item.Delete
			hashAction(h, "delete", d.TableName, d.Key, "", d.ConditionExpression, d.ExpressionAttributeNames, d.ExpressionAttributeValues)
		case item.ConditionCheck != nil:
			c := item.ConditionCheck
			hashAction(h, "check", c.TableName, c.Key, "", &c.ConditionExpression, c.ExpressionAttributeNames, c.ExpressionAttributeValues)
		}
	}
}

func hashAction(h hash.Hash, kind, table string, item Item, update string, condition *string, names map[string]string, values Item) {
	parts := []string{kind, table, string(item), update, deref(condition), string(values)}
	for _, key := range slices.Sorted(maps.Keys(names)) {
		parts = append(parts, key, names[key])
	}
	hashParts(h, parts...)
}

func hashParts(h hash.Hash, parts ...string) {
	var length [binary.MaxVarintLen64]byte
	for _, part := range parts {
		h.Write(length[:binary.PutUvarint(length[:], uint64(len(part)))])
		h.Write([]byte(part))
	}
}
