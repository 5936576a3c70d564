package dynamodb

import (
	"context"
	"fmt"
	"slices"

	"localcloud/gateway/aws"
	"localcloud/images/dynamodb/attr"
	"localcloud/images/dynamodb/engine"
	"localcloud/images/dynamodb/expr"
)

func (b *Backend) query(ctx context.Context, in *QueryInput) (*QueryOutput, error) {
	r := &reading{reverse: in.ScanIndexForward != nil && !*in.ScanIndexForward, consistent: in.ConsistentRead, limit: int(deref(in.Limit))}
	conditions, err := in.check(r)
	if err != nil {
		return nil, err
	}
	if r.table, err = b.table(aws.CallFrom(ctx), in.TableName); err != nil {
		return nil, err
	}
	filterName := "Filter Expression"
	if in.QueryFilter != nil {
		filterName = "QueryFilter"
	}
	if err := r.choose(in.IndexName, in.choice(), filterName); err != nil {
		return nil, err
	}
	if r.bounds, err = r.within(conditions); err != nil {
		return nil, err
	}
	if err := r.start(in.ExclusiveStartKey, conditions); err != nil {
		return nil, err
	}
	p := r.read()
	return &QueryOutput{
		Items: p.items, Count: ptr(int32(p.count)), ScannedCount: ptr(int32(p.scanned)), LastEvaluatedKey: p.lastKey,
		ConsumedCapacity: p.units.consumed(in.ReturnConsumedCapacity, r.table.name),
	}, nil
}

func (in *QueryInput) choice() choice {
	return choice{in.Select, in.ProjectionExpression != nil, in.AttributesToGet != nil}
}

// check checks what needs no table, in AWS's order, and reads filter and projection into r.
func (in *QueryInput) check(r *reading) ([]expr.KeyCondition, error) {
	e := expressions{
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		expressions: []param{{"ProjectionExpression", in.ProjectionExpression != nil}, {"FilterExpression", in.FilterExpression != nil},
			{"KeyConditionExpression", in.KeyConditionExpression != nil}},
		legacy: []param{{"AttributesToGet", in.AttributesToGet != nil}, {"QueryFilter", in.QueryFilter != nil},
			{"ConditionalOperator", in.ConditionalOperator != nil},
			{"KeyConditions", in.KeyConditions != nil && in.KeyConditionExpression != nil}},
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	if err := r.legacyFilter(in.QueryFilter, in.ConditionalOperator); err != nil {
		return nil, err
	}
	var err error
	if r.paths, err = legacyPaths(in.AttributesToGet); err != nil {
		return nil, err
	}
	if problem := in.ExclusiveStartKey.Problem(); problem != "" {
		return nil, invalid("The provided starting key is invalid: " + problem)
	}
	if in.KeyConditions == nil && in.KeyConditionExpression == nil {
		return nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	if err := in.choice().check(in.IndexName != nil, "Querying"); err != nil {
		return nil, err
	}
	if in.KeyConditionExpression == nil && in.FilterExpression == nil && in.ProjectionExpression == nil {
		return legacyKeyConditions(in.KeyConditions)
	}
	params, err := e.params()
	if err != nil {
		return nil, err
	}
	key, err := parseCondition("KeyConditionExpression", in.KeyConditionExpression, &params)
	if err != nil {
		return nil, err
	}
	if in.FilterExpression != nil {
		if r.filter, err = parseCondition("FilterExpression", in.FilterExpression, &params); err != nil {
			return nil, err
		}
	}
	if in.ProjectionExpression != nil {
		if r.paths, err = parseProjection(in.ProjectionExpression, &params); err != nil {
			return nil, err
		}
	}
	if err := params.Unused(); err != nil {
		return nil, asInvalid(err)
	}
	if key == nil {
		return legacyKeyConditions(in.KeyConditions)
	}
	conditions, err := key.KeyConditions()
	return conditions, asInvalid(err)
}

// legacyFilter reads QueryFilter or ScanFilter.
func (r *reading) legacyFilter(filter map[string]Condition, operator *string) error {
	tests, err := testsOf(filter)
	if err != nil {
		return err
	}
	if operator != nil && len(filter) == 0 {
		if filter == nil {
			return invalid("ConditionalOperator cannot be used without Filter or Expected")
		}
		return invalid("ConditionalOperator can only be used when Filter or Expected is not empty")
	}
	r.filter = expr.FromTests(tests, deref(operator) == ConditionalOperatorOr)
	return nil
}

func legacyKeyConditions(conditions map[string]Condition) ([]expr.KeyCondition, error) {
	tests, err := testsOf(conditions)
	if err != nil {
		return nil, err
	}
	if len(tests) == 0 || len(tests) > 2*maxKeyParts {
		return nil, invalid("Conditions can be of length 1 or 2 only")
	}
	var list []expr.KeyCondition
	for name, test := range tests {
		condition, ok := expr.KeyConditionOf(name, test)
		if !ok {
			return nil, invalid("Attempted conditional constraint is not an indexable operation")
		}
		list = append(list, condition)
	}
	return list, nil
}

// within are the bounds that key conditions set.
func (r *reading) within(conditions []expr.KeyCondition) (engine.Bounds, error) {
	keys := r.keys()
	if len(conditions) > 2 && len(conditions) > len(keys.Hash)+len(keys.Range) {
		return engine.Bounds{}, invalid("Conditions can be of length 1 or 2 only")
	}
	if err := checkConditions(keys, conditions); err != nil {
		return engine.Bounds{}, err
	}
	var partition, equal []string
	for _, p := range keys.Hash {
		partition = append(partition, conditionOn(conditions, p.Name).Values[0].Payload())
	}
	for _, p := range keys.Range {
		c := conditionOn(conditions, p.Name)
		if c == nil {
			break
		}
		if c.Operator != "=" {
			return keys.Within(partition, equal, c.Operator, payloads(c.Values)), nil
		}
		equal = append(equal, c.Values[0].Payload())
	}
	return keys.Within(partition, equal, "", nil), nil
}

func payloads(values []attr.Value) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = v.Payload()
	}
	return list
}

func conditionOn(conditions []expr.KeyCondition, name string) *expr.KeyCondition {
	for i := range conditions {
		if conditions[i].Name == name {
			return &conditions[i]
		}
	}
	return nil
}

// checkConditions checks that conditions fit a key: equality of all hash attributes, and of the
// leading range attributes but for the last one that is named.
func checkConditions(keys *engine.Keys, conditions []expr.KeyCondition) error {
	for _, p := range keys.Hash {
		c := conditionOn(conditions, p.Name)
		if c == nil {
			return invalid("Query condition missed key schema element: " + p.Name)
		}
		if c.Operator != "=" {
			return invalid("Query key condition not supported")
		}
	}
	used := len(keys.Hash)
	open := false // a range attribute without a condition, or with an inequality, was seen
	for _, p := range keys.Range {
		c := conditionOn(conditions, p.Name)
		if c == nil {
			open = true
			continue
		}
		if open {
			return invalid("Query key condition not supported")
		}
		used++
		open = c.Operator != "="
	}
	if used < len(conditions) {
		for _, p := range keys.Range {
			if conditionOn(conditions, p.Name) == nil {
				return invalid("Query condition missed key schema element: " + p.Name)
			}
		}
		return invalid("Query key condition not supported")
	}
	for _, p := range keys.All() {
		if c := conditionOn(conditions, p.Name); c != nil {
			if err := checkConditionValues(keys, p, c); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkConditionValues(keys *engine.Keys, p engine.KeyPart, c *expr.KeyCondition) error {
	isHash := slices.Contains(keys.Hash, p)
	for _, v := range c.Values {
		if v.Type() != p.Type {
			return invalid(invalidValues + "Condition parameter type does not match schema type")
		}
		if what := emptyOf(v); what != "" {
			return invalid(emptyKey + what + " value. Key: " + p.Name)
		}
		switch size := v.Size(); {
		case isHash && size > maxHash:
			return invalid(hashTooLong)
		case !isHash && size > maxRange:
			return invalid(rangeTooLong)
		}
	}
	if c.Operator == "begins_with" && p.Type == attr.N {
		return invalid(invalidValues + "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type")
	}
	if c.Operator == "BETWEEN" && c.Values[0].Payload() > c.Values[1].Payload() {
		return invalid("The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")
	}
	return nil
}

func (b *Backend) scan(ctx context.Context, in *ScanInput) (*ScanOutput, error) {
	r := &reading{consistent: in.ConsistentRead, limit: int(deref(in.Limit))}
	if err := in.check(r); err != nil {
		return nil, err
	}
	var err error
	if r.table, err = b.table(aws.CallFrom(ctx), in.TableName); err != nil {
		return nil, err
	}
	filter := r.filter
	r.filter = nil // a scan may filter by keys: only what an index does not hold is refused
	if err := r.choose(in.IndexName, in.choice(), ""); err != nil {
		return nil, err
	}
	r.filter = filter
	if err := r.table.checkPaths(filter.Paths()); err != nil {
		return nil, err
	}
	if r.index != nil && r.index.global {
		if err := r.checkProjected(in.choice()); err != nil {
			return nil, err
		}
	}
	r.bounds = engine.Segment(int(deref(in.Segment)), int(deref(in.TotalSegments)))
	if err := r.start(in.ExclusiveStartKey, nil); err != nil {
		return nil, err
	}
	p := r.read()
	return &ScanOutput{
		Items: p.items, Count: ptr(int32(p.count)), ScannedCount: ptr(int32(p.scanned)), LastEvaluatedKey: p.lastKey,
		ConsumedCapacity: p.units.consumed(in.ReturnConsumedCapacity, r.table.name),
	}, nil
}

func (in *ScanInput) choice() choice {
	return choice{in.Select, in.ProjectionExpression != nil, in.AttributesToGet != nil}
}

// check checks what needs no table, in AWS's order, and reads filter and projection into r.
func (in *ScanInput) check(r *reading) error {
	e := expressions{
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		expressions: []param{{"ProjectionExpression", in.ProjectionExpression != nil}, {"FilterExpression", in.FilterExpression != nil}},
		legacy: []param{{"AttributesToGet", in.AttributesToGet != nil}, {"ScanFilter", in.ScanFilter != nil},
			{"ConditionalOperator", in.ConditionalOperator != nil}},
	}
	if err := e.check(); err != nil {
		return err
	}
	if err := r.legacyFilter(in.ScanFilter, in.ConditionalOperator); err != nil {
		return err
	}
	var err error
	if r.paths, err = legacyPaths(in.AttributesToGet); err != nil {
		return err
	}
	if problem := in.ExclusiveStartKey.Problem(); problem != "" {
		return invalid("The provided starting key is invalid: " + problem)
	}
	if err := checkSegments(in.Segment, in.TotalSegments); err != nil {
		return err
	}
	if err := in.choice().check(in.IndexName != nil, "Scanning"); err != nil {
		return err
	}
	if in.FilterExpression == nil && in.ProjectionExpression == nil {
		return nil
	}
	params, err := e.params()
	if err != nil {
		return err
	}
	if in.FilterExpression != nil {
		if r.filter, err = parseCondition("FilterExpression", in.FilterExpression, &params); err != nil {
			return err
		}
	}
	if in.ProjectionExpression != nil {
		if r.paths, err = parseProjection(in.ProjectionExpression, &params); err != nil {
			return err
		}
	}
	return asInvalid(params.Unused())
}

func checkSegments(segment, total *int32) error {
	switch {
	case segment == nil && total == nil:
		return nil
	case total == nil:
		return invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case segment == nil:
		return invalid("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case *segment >= *total:
		return invalid(fmt.Sprintf("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", *segment, *total))
	}
	return nil
}
