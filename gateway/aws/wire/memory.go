package wire

import (
	"reflect"
	"time"
	"unsafe"
)

// This file holds all that the package does with memory behind the type system's back. A pointer
// "at" always points to a variable of the type that the plan beside it was compiled for.

var timeType = reflect.TypeFor[time.Time]()

type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

// in returns where the field's variable is inside the structure at base.
func (f *field) in(base unsafe.Pointer) unsafe.Pointer { return unsafe.Add(base, f.offset) }

// value returns where the field's value is, nil where the structure at base has none.
func (f *field) value(base unsafe.Pointer) unsafe.Pointer {
	at := unsafe.Add(base, f.offset)
	if f.pointer {
		return *(*unsafe.Pointer)(at)
	}
	if f.plan.isNil(at) {
		return nil
	}
	return at
}

// absence is how a variable shows that it holds no value.
type absence uint8

const (
	neverAbsent    absence = iota
	absentIfNil            // slices, maps and interfaces: their first word
	absentIfZero           // times
	absentIfLength         // strings that are Coders
)

func absenceOf(typ reflect.Type, custom bool) absence {
	switch {
	case typ == timeType:
		return absentIfZero
	case typ.Kind() == reflect.Slice, typ.Kind() == reflect.Map, typ.Kind() == reflect.Interface:
		return absentIfNil
	case custom && typ.Kind() == reflect.String:
		return absentIfLength
	}
	return neverAbsent
}

// isNil reports whether the variable at at holds no value.
func (p *plan) isNil(at unsafe.Pointer) bool {
	switch p.absent {
	case absentIfNil:
		return *(*unsafe.Pointer)(at) == nil
	case absentIfZero:
		return (*time.Time)(at).IsZero()
	case absentIfLength:
		return *(*string)(at) == ""
	}
	return false
}

// settle returns where the field's value is to be stored, allocated where the field is a pointer.
func (f *field) settle(base unsafe.Pointer) unsafe.Pointer {
	at := unsafe.Add(base, f.offset)
	if !f.pointer {
		return at
	}
	fresh := reflect.New(f.plan.typ).UnsafePointer()
	*(*unsafe.Pointer)(at) = fresh
	return fresh
}

// extend makes the slice at at one element longer and returns the new, zero element.
func (p *plan) extend(at unsafe.Pointer) unsafe.Pointer {
	h := (*sliceHeader)(at)
	if h.len == h.cap {
		reflect.NewAt(p.typ, at).Elem().Grow(1)
	}
	element := unsafe.Add(h.data, uintptr(h.len)*p.elemSize)
	h.len++
	return element
}

// empty makes the slice at at an empty one that is not nil.
func (p *plan) empty(at unsafe.Pointer) {
	*(*sliceHeader)(at) = sliceHeader{data: unsafe.Pointer(&zero)}
}

var zero struct{}

// element is the i-th element of the slice at at.
func (p *plan) element(at unsafe.Pointer, i int) unsafe.Pointer {
	return unsafe.Add((*sliceHeader)(at).data, uintptr(i)*p.elemSize)
}

func length(at unsafe.Pointer) int { return (*sliceHeader)(at).len }

// reflected is the variable at at as reflection sees it.
func (p *plan) reflected(at unsafe.Pointer) reflect.Value { return reflect.NewAt(p.typ, at).Elem() }

// coder is the variable at at by the interface that its type implements.
func (p *plan) coder(at unsafe.Pointer) Coder { return reflect.NewAt(p.typ, at).Interface().(Coder) }

// reflectCopy is a variable with the value v.
func reflectCopy(v reflect.Value) unsafe.Pointer {
	variable := reflect.New(v.Type())
	variable.Elem().Set(v)
	return variable.UnsafePointer()
}
