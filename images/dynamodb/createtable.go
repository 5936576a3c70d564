package dynamodb

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"localcloud/gateway/aws"
)

func (b *Backend) createTable(ctx context.Context, in *CreateTableInput) (*CreateTableOutput, error) {
	call := aws.CallFrom(ctx)
	p, name, err := parseTableName(call, in.TableName)
	if err != nil {
		return nil, err
	}
	if err := checkName("tableName", name, 3); err != nil {
		return nil, err
	}
	if in.GlobalTableSourceArn != nil || in.GlobalTableSettingsReplicationMode != nil {
		return nil, aws.NotImplemented(call.Service, "Global tables are not supported: GlobalTableSourceArn and GlobalTableSettingsReplicationMode of CreateTable.")
	}
	if err := checkNewTable(in); err != nil {
		return nil, err
	}
	d := b.newDefinition(p, name, in)
	if in.SSESpecification != nil {
		if d.SSE, err = sseOf(call, in.SSESpecification); err != nil {
			return nil, err
		}
	}
	if d.Tags, err = mergeTags(nil, in.Tags); err != nil {
		return nil, err
	}
	if in.ResourcePolicy != nil {
		if d.Policy, err = newPolicy(*in.ResourcePolicy); err != nil {
			return nil, err
		}
	}
	t, err := b.addTable(d)
	if err != nil {
		return nil, err
	}
	description := b.describe(t)
	description.TableStatus = ptr(TableStatusCreating)
	fresh(description, d)
	return &CreateTableOutput{TableDescription: description}, nil
}

// fresh makes the description of a table that is active what CreateTable answers: warm throughput is
// told only where it was asked for.
func fresh(out *TableDescription, d *definition) {
	if out.WarmThroughput.Status = ptr(TableStatusUpdating); d.Warm == nil {
		out.WarmThroughput = nil
	}
	for i := range out.GlobalSecondaryIndexes {
		x := &out.GlobalSecondaryIndexes[i]
		x.IndexStatus = ptr(IndexStatusCreating)
		if x.WarmThroughput.Status = ptr(IndexStatusUpdating); d.Globals[i].Warm == nil {
			x.WarmThroughput = nil
		}
	}
	if out.BillingModeSummary != nil {
		out.BillingModeSummary.LastUpdateToPayPerRequestDateTime = nil
	}
}

// addTable makes the table of a definition known and persists it.
func (b *Backend) addTable(d *definition) (*table, error) {
	t := newTable(b.db, d)
	if d.Stream != nil {
		b.openStream(t, d.Stream)
	}
	t.mu.Lock() // until it is persisted, nothing may change it
	defer t.mu.Unlock()
	if !b.tables.add(t) {
		b.db.Drop(t.items)
		return nil, aws.Errorf("ResourceInUseException", "Table already exists: %s", d.Name)
	}
	if d.Stream != nil {
		b.registerStream(t)
	}
	return t, b.persist(d)
}

func (b *Backend) newDefinition(p place, name string, in *CreateTableInput) *definition {
	now := b.now().Truncate(time.Millisecond)
	d := &definition{
		ID: b.tables.newID(), Account: p.account, Region: p.region, Name: name, UUID: newUUID(), Created: now,
		Ready: now.Add(b.settings.transition), Making: true,
		Attributes: in.AttributeDefinitions, KeySchema: in.KeySchema, Billing: deref(in.BillingMode),
		OnDemand: in.OnDemandThroughput, Warm: in.WarmThroughput, DeletionProtection: deref(in.DeletionProtectionEnabled),
	}
	if d.Billing == "" {
		d.Billing = BillingModeProvisioned
	}
	if d.Billing == BillingModePayPerRequest {
		d.LastPayPerRequest = now
	}
	if in.ProvisionedThroughput != nil {
		d.Throughput = throughput{Read: in.ProvisionedThroughput.ReadCapacityUnits, Write: in.ProvisionedThroughput.WriteCapacityUnits}
	}
	if in.TableClass != nil {
		d.Class, d.ClassChanged = *in.TableClass, now
	}
	locals, globals := indexRequests(in)
	for i := range locals {
		d.Locals = append(d.Locals, locals[i].definition())
	}
	for i := range globals {
		x := globals[i].definition()
		x.Ready = d.Ready
		d.Globals = append(d.Globals, x)
	}
	if in.StreamSpecification != nil && in.StreamSpecification.StreamEnabled {
		d.Stream = b.newStreamDefinition(*in.StreamSpecification.StreamViewType)
	}
	return d
}

func indexRequests(in *CreateTableInput) (locals, globals []newIndexRequest) {
	for _, x := range in.LocalSecondaryIndexes {
		locals = append(locals, newIndexRequest{name: x.IndexName, schema: x.KeySchema, projection: x.Projection})
	}
	for _, x := range in.GlobalSecondaryIndexes {
		globals = append(globals, newIndexRequest{
			name: x.IndexName, schema: x.KeySchema, projection: x.Projection, throughput: x.ProvisionedThroughput,
			onDemand: x.OnDemandThroughput, warm: x.WarmThroughput, global: true,
		})
	}
	return locals, globals
}

// checkNewTable checks what the model does not, in AWS's order.
func checkNewTable(in *CreateTableInput) error {
	for _, member := range [...]struct {
		name string
		set  bool
	}{{"attributeDefinitions", in.AttributeDefinitions != nil}, {"keySchema", in.KeySchema != nil}} {
		if !member.set { // the model requires them no longer, since a replica of a global table has none
			return invalidf("1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", member.name)
		}
	}
	if err := checkBilling(deref(in.BillingMode), in.ProvisionedThroughput); err != nil {
		return err
	}
	locals, globals := indexRequests(in)
	schemas := [][]KeySchemaElement{in.KeySchema}
	for _, list := range [][]newIndexRequest{locals, globals} {
		for i := range list {
			schemas = append(schemas, list[i].schema)
		}
	}
	if len(in.KeySchema) > len(in.AttributeDefinitions) {
		return invalid("Invalid KeySchema: Some index key attribute have no definition")
	}
	if err := checkSchema(in.KeySchema, in.AttributeDefinitions, false); err != nil {
		return err
	}
	if len(schemas) == 1 {
		if err := checkAttributes(in.AttributeDefinitions, schemas); err != nil {
			return err
		}
	}
	if in.LocalSecondaryIndexes != nil {
		if len(locals) == 0 {
			return invalid(invalidValues + "List of LocalSecondaryIndexes is empty")
		}
		if err := checkLocals(locals, in.KeySchema, in.AttributeDefinitions); err != nil {
			return err
		}
	}
	if in.GlobalSecondaryIndexes != nil {
		if len(globals) == 0 {
			return invalid(invalidValues + "List of GlobalSecondaryIndexes is empty")
		}
		if err := checkGlobals(globals, in.AttributeDefinitions, deref(in.BillingMode)); err != nil {
			return err
		}
		if len(globals) > maxGlobals {
			return invalid(invalidValues + "GlobalSecondaryIndex count exceeds the per-table limit of 20")
		}
	}
	if err := checkIndexNames(append(locals, globals...)); err != nil {
		return err
	}
	if err := checkAttributes(in.AttributeDefinitions, schemas); err != nil {
		return err
	}
	return checkStreamSpecification(in.StreamSpecification)
}

func checkBilling(mode string, p *ProvisionedThroughput) error {
	if mode == BillingModePayPerRequest {
		if p != nil {
			return invalid(invalidValues + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
		return nil
	}
	if p == nil {
		return invalid(invalidValues + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	return checkUnits(p, "")
}

// newUUID returns a random UUID.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
