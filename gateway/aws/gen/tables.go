package main

import (
	"fmt"

	"localcloud/gateway/aws"
)

// The files that gateway/aws embeds.
const (
	operationsFile = "gateway/aws/operations.bin"
	shapesFile     = "gateway/aws/shapes.bin"
)

// addTables packs the services. It changes their shapes, so it must come last.
func addTables(files map[string][]byte, services []*aws.Service, version string) {
	for _, s := range services {
		merge(s)
	}
	t := aws.PackTables(version, services)
	files[operationsFile], files[shapesFile] = t.Operations, t.Shapes
}

// merge makes shapes other than structures that differ in nothing but their name into one, without a
// name: half of a model are plain strings under many names, and nobody asks for those.
func merge(s *aws.Service) {
	m := &merger{known: make(map[string]*aws.Shape), seen: make(map[*aws.Shape]*aws.Shape)}
	for _, op := range s.Operations() {
		var errors []*aws.Shape
		for _, e := range op.Errors() {
			errors = append(errors, m.shape(e))
		}
		op.SetShapes(m.shape(op.Input()), m.shape(op.Output()), errors)
	}
}

type merger struct {
	known map[string]*aws.Shape     // by what they say
	seen  map[*aws.Shape]*aws.Shape // what stands for a shape
}

func (m *merger) shape(s *aws.Shape) *aws.Shape {
	if s == nil {
		return nil
	}
	if merged, ok := m.seen[s]; ok {
		return merged
	}
	if s.Kind == aws.Structure {
		m.seen[s] = s
		for i := range s.Members {
			s.Members[i].Shape = m.shape(s.Members[i].Shape)
		}
		return s
	}
	merged := *s
	merged.Name = ""
	key := ""
	for _, part := range []**aws.Member{&merged.Key, &merged.Elem} {
		if *part != nil {
			member := **part
			member.Shape = m.shape(member.Shape)
			*part = &member
			key += fmt.Sprintf("%p %+v ", member.Shape, member)
		}
	}
	plain := merged
	plain.Key, plain.Elem = nil, nil
	key += fmt.Sprintf("%+q", fmt.Sprintf("%+v %q", plain, plain.Enum))
	if m.known[key] == nil {
		m.known[key] = &merged
	}
	m.seen[s] = m.known[key]
	return m.seen[s]
}
