package dynamodb

import (
	"context"
	"slices"
	"time"

	"localcloud/gateway/aws"
)

func (b *Backend) updateTable(ctx context.Context, in *UpdateTableInput) (*UpdateTableOutput, error) {
	call := aws.CallFrom(ctx)
	t, err := b.tableNamed(call, in.TableName)
	if err != nil {
		return nil, err
	}
	if err := refuseGlobal(call, in); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if b.tables.find(t.place, t.name) != t {
		return nil, noTableNamed(t.name)
	}
	if status := t.status(b.now()); status != TableStatusActive {
		return nil, aws.Errorf("ResourceInUseException",
			"Attempt to change a resource which is still in use: Table is being %s: %s", map[bool]string{true: "created", false: "updated"}[status == TableStatusCreating], t.name)
	}
	d := *t.def.Load()
	if err := checkUpdate(&d, in); err != nil {
		return nil, err
	}
	if in.SSESpecification != nil {
		if d.SSE, err = sseOf(call, in.SSESpecification); err != nil {
			return nil, err
		}
	}
	now := b.now().Truncate(time.Millisecond)
	d.updateCapacity(in, now)
	if in.TableClass != nil {
		d.Class, d.ClassChanged = *in.TableClass, now
	}
	if in.DeletionProtectionEnabled != nil {
		d.DeletionProtection = *in.DeletionProtectionEnabled
	}
	d.Ready, d.Making = now.Add(b.settings.transition), false
	if err := b.updateIndexes(t, &d, in); err != nil {
		return nil, err
	}
	if err := b.updateStream(t, &d, in.StreamSpecification); err != nil {
		return nil, err
	}
	t.def.Store(&d)
	out := b.describe(t)
	out.TableStatus = ptr(TableStatusUpdating)
	markNew(out, in)
	return &UpdateTableOutput{TableDescription: out}, b.persist(&d)
}

// markNew gives the indexes that a call creates or changes the status that AWS answers with.
func markNew(out *TableDescription, in *UpdateTableInput) {
	for i := range out.GlobalSecondaryIndexes {
		x := &out.GlobalSecondaryIndexes[i]
		for _, u := range in.GlobalSecondaryIndexUpdates {
			switch {
			case u.Create != nil && u.Create.IndexName == *x.IndexName:
				x.IndexStatus, x.Backfilling = ptr(IndexStatusCreating), ptr(false)
			case u.Update != nil && u.Update.IndexName == *x.IndexName:
				x.IndexStatus = ptr(IndexStatusUpdating)
			}
		}
	}
}

func refuseGlobal(call *aws.Call, in *UpdateTableInput) error {
	refused := ""
	switch {
	case in.ReplicaUpdates != nil:
		refused = "ReplicaUpdates"
	case in.MultiRegionConsistency != nil:
		refused = "MultiRegionConsistency"
	case in.GlobalTableWitnessUpdates != nil:
		refused = "GlobalTableWitnessUpdates"
	case in.GlobalTableSettingsReplicationMode != nil:
		refused = "GlobalTableSettingsReplicationMode"
	default:
		return nil
	}
	return aws.NotImplemented(call.Service, "Global tables are not supported: "+refused+" of UpdateTable.")
}

// checkUpdate checks what the call says against the table.
func checkUpdate(d *definition, in *UpdateTableInput) error {
	if in.BillingMode == nil && in.ProvisionedThroughput == nil && in.GlobalSecondaryIndexUpdates == nil &&
		in.StreamSpecification == nil && in.SSESpecification == nil && in.TableClass == nil &&
		in.DeletionProtectionEnabled == nil && in.OnDemandThroughput == nil && in.WarmThroughput == nil {
		return invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	billing := d.Billing
	if in.BillingMode != nil {
		billing = *in.BillingMode
	}
	if p := in.ProvisionedThroughput; p != nil {
		if billing == BillingModePayPerRequest {
			return invalid(invalidValues + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
		if err := checkUnits(p, ""); err != nil {
			return err
		}
		if d.Billing == billing && in.GlobalSecondaryIndexUpdates == nil && in.StreamSpecification == nil &&
			p.ReadCapacityUnits == d.Throughput.Read && p.WriteCapacityUnits == d.Throughput.Write {
			return invalidf("The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: %d. Requested ReadCapacityUnits: %d. Current WriteCapacityUnits provisioned for the table: %d. Requested WriteCapacityUnits: %d. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
				d.Throughput.Read, p.ReadCapacityUnits, d.Throughput.Write, p.WriteCapacityUnits)
		}
	} else if billing == BillingModeProvisioned && d.Billing != billing {
		return invalid(invalidValues + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	return checkStreamSpecification(in.StreamSpecification)
}

func (d *definition) updateCapacity(in *UpdateTableInput, now time.Time) {
	if in.BillingMode != nil && *in.BillingMode != d.Billing {
		d.Billing = *in.BillingMode
		if d.Billing == BillingModePayPerRequest {
			d.LastPayPerRequest = now
			d.Throughput.Read, d.Throughput.Write = 0, 0
			d.Globals = slices.Clone(d.Globals)
			for i := range d.Globals {
				d.Globals[i].Throughput.Read, d.Globals[i].Throughput.Write = 0, 0
			}
		}
	}
	d.Throughput.update(in.ProvisionedThroughput, now)
	if in.OnDemandThroughput != nil {
		d.OnDemand = in.OnDemandThroughput
	}
	if in.WarmThroughput != nil {
		d.Warm = in.WarmThroughput
	}
}

func (p *throughput) update(to *ProvisionedThroughput, now time.Time) {
	if to == nil {
		return
	}
	if to.ReadCapacityUnits > p.Read || to.WriteCapacityUnits > p.Write {
		p.Increased = now
	}
	if to.ReadCapacityUnits < p.Read || to.WriteCapacityUnits < p.Write {
		if p.Decreased.YearDay() != now.YearDay() {
			p.DecreasesToday = 0
		}
		p.Decreased = now
		p.DecreasesToday++
	}
	p.Read, p.Write = to.ReadCapacityUnits, to.WriteCapacityUnits
}

// updateIndexes creates, changes and deletes global indexes. t.mu is held.
func (b *Backend) updateIndexes(t *table, d *definition, in *UpdateTableInput) error {
	globals := slices.Clone(d.Globals)
	attributes := slices.Clone(d.Attributes)
	for _, a := range in.AttributeDefinitions {
		if known := d.attributeType(a.AttributeName); known == "" {
			attributes = append(attributes, a)
		} else if known != a.AttributeType {
			return invalid(invalidValues + "Type mismatch for attribute " + a.AttributeName + " with existing definition")
		}
	}
	var created []newIndexRequest
	var deleted []string
	for _, u := range in.GlobalSecondaryIndexUpdates {
		switch {
		case u.Create != nil && u.Update == nil && u.Delete == nil:
			c := u.Create
			created = append(created, newIndexRequest{name: c.IndexName, schema: c.KeySchema, projection: c.Projection,
				throughput: c.ProvisionedThroughput, onDemand: c.OnDemandThroughput, warm: c.WarmThroughput, global: true})
		case u.Delete != nil && u.Create == nil && u.Update == nil:
			deleted = append(deleted, u.Delete.IndexName)
		case u.Update != nil && u.Create == nil && u.Delete == nil:
			if err := updateIndex(d, globals, u.Update, b.now()); err != nil {
				return err
			}
		default:
			return invalid(invalidValues + "One of GlobalSecondaryIndexUpdate's Update, Create, Delete must not be null")
		}
	}
	if len(created)+len(deleted) > 1 {
		return aws.Errorf("LimitExceededException",
			"Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
	}
	if err := b.checkCreated(t, d, globals, created, attributes); err != nil {
		return err
	}
	for _, name := range deleted {
		at := slices.IndexFunc(globals, func(x indexDefinition) bool { return x.Name == name })
		if at < 0 {
			return aws.Errorf("ResourceNotFoundException", "Requested resource not found")
		}
		globals = slices.Delete(globals, at, at+1)
		t.removeIndex(name)
	}
	for i := range created {
		x := created[i].definition()
		x.Ready = b.now().Add(b.settings.transition)
		globals = append(globals, x)
		d.Attributes = attributes
		t.addIndex(d, x)
	}
	d.Globals = globals
	d.dropUnused()
	return nil
}

func (b *Backend) checkCreated(t *table, d *definition, globals []indexDefinition, created []newIndexRequest, attributes []AttributeDefinition) error {
	if len(created) == 0 {
		return nil
	}
	for _, x := range created {
		if t.indexNamed(x.name) != nil {
			return invalid("Attempting to create an index which already exists")
		}
	}
	if err := checkGlobals(created, attributes, d.Billing); err != nil {
		return err
	}
	if len(globals)+len(created) > maxGlobals {
		return aws.Errorf("LimitExceededException", "Subscriber limit exceeded: The number of GlobalSecondaryIndexes exceeds the limit of %d", maxGlobals)
	}
	return checkIndexNames(created)
}

func updateIndex(d *definition, globals []indexDefinition, u *UpdateGlobalSecondaryIndexAction, now time.Time) error {
	at := slices.IndexFunc(globals, func(x indexDefinition) bool { return x.Name == u.IndexName })
	if at < 0 {
		return aws.Errorf("ResourceNotFoundException", "Requested resource not found")
	}
	x := &globals[at]
	if u.ProvisionedThroughput != nil {
		if d.Billing == BillingModePayPerRequest {
			return invalid(invalidValues + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
		if err := checkUnits(u.ProvisionedThroughput, " for index "+u.IndexName); err != nil {
			return err
		}
		x.Throughput.update(u.ProvisionedThroughput, now)
	}
	if u.OnDemandThroughput != nil {
		x.OnDemand = u.OnDemandThroughput
	}
	if u.WarmThroughput != nil {
		x.Warm = u.WarmThroughput
	}
	return nil
}

// dropUnused takes definitions of attributes out that no key uses any more.
func (d *definition) dropUnused() {
	used := make(map[string]bool)
	schemas := [][]KeySchemaElement{d.KeySchema}
	for _, x := range slices.Concat(d.Locals, d.Globals) {
		schemas = append(schemas, x.KeySchema)
	}
	for _, name := range usedNames(schemas) {
		used[name] = true
	}
	d.Attributes = slices.DeleteFunc(slices.Clone(d.Attributes), func(a AttributeDefinition) bool { return !used[a.AttributeName] })
}
