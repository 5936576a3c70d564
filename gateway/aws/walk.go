package aws

import "strings"

// The walk of the codec over services, operations and shapes: what is written, and in which order.

func (c *codec) service(s *Service) {
	for _, field := range [...]*string{
		&s.Name, &s.ID, &s.SigningName, &s.EndpointPrefix, &s.TargetPrefix, &s.APIVersion, &s.XMLNamespace,
	} {
		c.text(columnServiceText, field)
	}
	n := len(s.Protocols)
	number(c, columnService, &n)
	if !c.writing {
		s.Protocols = make([]Protocol, n)
	}
	for i := range s.Protocols {
		number(c, columnService, &s.Protocols[i])
	}
	c.flags(columnService, &s.QueryCompatible, &s.Bearer)
}

func (c *codec) operations(s *Service) []*Operation {
	operations := s.ordered
	n := len(operations)
	number(c, columnOperation, &n)
	if !c.writing {
		all := make([]Operation, n)
		operations = make([]*Operation, n)
		for i := range all {
			operations[i] = &all[i]
		}
	}
	for _, op := range operations {
		c.operation(op)
	}
	return operations
}

func (c *codec) operation(op *Operation) {
	c.text(columnOperationName, &op.Name)
	c.text(columnTrait, &op.Method)
	c.text(columnURI, &op.URI)
	number(c, columnOperation, &op.Status)
	// Most operations have none of the rarer traits.
	plain := op.HostPrefix == "" && op.InputName == "" && op.InputNamespace == "" && op.ResultWrapper == "" &&
		op.ChecksumAlgorithm == "" && op.ChecksumMode == "" && len(op.ResponseChecksums) == 0 &&
		len(op.RequestCompression) == 0
	c.flags(columnOperation, &plain, &op.ChecksumRequired, &op.Unsigned, &op.UnsignedPayload, &op.Deprecated)
	c.texts(columnOperation, columnWire, &op.RequiredQuery)
	c.texts(columnOperation, columnWire, &op.RequiredHeaders)
	if plain {
		return
	}
	for _, field := range [...]*string{
		&op.HostPrefix, &op.InputName, &op.InputNamespace, &op.ResultWrapper, &op.ChecksumAlgorithm, &op.ChecksumMode,
	} {
		c.text(columnTrait, field)
	}
	c.texts(columnOperation, columnTrait, &op.ResponseChecksums)
	c.texts(columnOperation, columnTrait, &op.RequestCompression)
}

// messages walks over the shapes that the operations of s reach.
func (c *codec) messages(s *Service) {
	for _, op := range s.ordered {
		c.shape(columnMessage, &op.input)
		c.shape(columnMessage, &op.output)
		n := len(op.errors)
		number(c, columnErrors, &n)
		if !c.writing && n > 0 {
			op.errors = make([]*Shape, n)
		}
		for i := range op.errors {
			c.shape(columnErrors, &op.errors[i])
		}
	}
}

// shape writes or reads a reference: 0 for nil, 1 for a shape that follows, else the number of one
// that is known. A shape is known before its members are, so that recursive ones end.
func (c *codec) shape(column int, s **Shape) {
	n := 0
	if c.writing && *s != nil {
		n = 1
		if known, ok := c.numbers[*s]; ok {
			n = known + 2
		}
	}
	number(c, column, &n)
	switch {
	case n > 1:
		if !c.writing {
			*s = c.shapes[n-2]
		}
	case n == 1:
		if c.writing {
			c.numbers[*s] = len(c.numbers)
		} else {
			*s = &Shape{Payload: -1}
			c.shapes = append(c.shapes, *s)
		}
		c.body(*s)
	}
}

func (c *codec) body(s *Shape) {
	number(c, columnKind, &s.Kind)
	other := s.Union || s.EventStream || s.Event || s.Streaming || s.RequiresLength || s.Flattened || s.Sparse ||
		s.Timestamp != 0 || s.XMLNamespace != "" || s.XMLPrefix != "" || s.LocationName != ""
	pattern, enum := s.Pattern != "", len(s.Enum) > 0
	c.flags(columnFlags, &s.HasMin, &s.HasMax, &pattern, &enum, &s.Sensitive, &s.Exception, &other)
	if s.HasMin {
		c.bound(&s.Min)
	}
	if s.HasMax {
		c.bound(&s.Max)
	}
	if pattern {
		c.text(columnPattern, &s.Pattern)
	}
	if enum {
		c.texts(columnEnumCount, columnEnum, &s.Enum)
	}
	if s.Exception {
		c.trait(&s.Error)
	}
	if other {
		c.flags(columnFlags, &s.Union, &s.EventStream, &s.Event, &s.Streaming, &s.RequiresLength, &s.Flattened, &s.Sparse)
		number(c, columnFlags, &s.Timestamp)
		c.text(columnNamespace, &s.XMLNamespace)
		c.text(columnNamespace, &s.XMLPrefix)
		c.text(columnNamespace, &s.LocationName)
	}
	c.parts(s)
}

func (c *codec) trait(t *ErrorTrait) {
	c.flags(columnFlags, &t.SenderFault, &t.Fault)
	number(c, columnFlags, &t.Status)
	c.text(columnTrait, &t.Code)
	c.text(columnTrait, &t.QueryCode)
}

func (c *codec) parts(s *Shape) {
	payload := s.Payload + 1
	switch s.Kind {
	case Structure:
		c.text(columnShapeName, &s.Name)
		number(c, columnMemberCount, &payload)
		n := len(s.Members)
		number(c, columnMemberCount, &n)
		if !c.writing {
			s.Members = make([]Member, n)
		}
		for i := range s.Members {
			c.text(columnMemberName, &s.Members[i].Name)
			c.member(&s.Members[i])
		}
	case Map:
		c.element(&s.Key, "key")
		c.element(&s.Elem, "value")
	case List:
		c.element(&s.Elem, "member")
	}
	if !c.writing {
		s.Payload = payload - 1
	}
}

func (c *codec) element(m **Member, name string) {
	if !c.writing {
		*m = &Member{Name: name}
	}
	c.member(*m)
}

// How a location name is written.
const (
	locationNone  = iota
	locationSame  // as the name
	locationLower // the name with its first letter in lower case
	locationOther
)

func (c *codec) member(m *Member) {
	other := m.QueryName != "" || m.XMLNamespace != "" || m.XMLPrefix != "" || m.Timestamp != 0 || m.XMLAttribute ||
		m.JSONValue || m.HostLabel || m.EventHeader || m.EventPayload || m.Streaming || m.Deprecated || m.Box || m.Flattened
	form := m.locationForm()
	head := uint64(form) | uint64(m.Location)<<2
	if m.Required {
		head |= 1 << 5
	}
	if m.IdempotencyToken {
		head |= 1 << 6
	}
	if other {
		head |= 1 << 7
	}
	number(c, columnMemberFlags, &head)
	form, m.Location = int(head&3), Location(head>>2&7)
	m.Required, m.IdempotencyToken, other = head>>5&1 == 1, head>>6&1 == 1, head>>7&1 == 1
	switch form {
	case locationSame:
		m.LocationName = m.Name
	case locationLower:
		m.LocationName = lower(m.Name)
	case locationOther:
		c.text(columnLocationName, &m.LocationName)
	}
	if other {
		c.flags(columnMemberFlags, &m.XMLAttribute, &m.JSONValue, &m.HostLabel, &m.EventHeader, &m.EventPayload,
			&m.Streaming, &m.Deprecated, &m.Box, &m.Flattened)
		number(c, columnMemberFlags, &m.Timestamp)
		c.text(columnNamespace, &m.QueryName)
		c.text(columnNamespace, &m.XMLNamespace)
		c.text(columnNamespace, &m.XMLPrefix)
	}
	c.shape(columnMemberShape, &m.Shape)
}

func (m *Member) locationForm() int {
	switch m.LocationName {
	case "":
		return locationNone
	case m.Name:
		return locationSame
	case lower(m.Name):
		return locationLower
	}
	return locationOther
}

func lower(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToLower(name[:1]) + name[1:]
}
