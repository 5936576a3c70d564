package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// FileName is the name of the configuration file.
const FileName = "localcloud.yaml"

// file is localcloud.yaml. A nil field is not set.
type file struct {
	Project      *string                `yaml:"project"`
	Runtime      *string                `yaml:"runtime"`
	Listen       list                   `yaml:"listen"`
	ClassicPorts *bool                  `yaml:"classic-ports"`
	Host         *string                `yaml:"host"`
	QueueURLs    *string                `yaml:"queue-urls"`
	Services     list                   `yaml:"services"`
	Strict       *bool                  `yaml:"strict"`
	Eager        *bool                  `yaml:"eager"`
	Backends     map[string]fileBackend `yaml:"backends"`
	CORSOrigins  list                   `yaml:"cors-origins"`
	NoCORS       *bool                  `yaml:"no-cors"`
	Persistence  *bool                  `yaml:"persistence"`
	Signatures   *string                `yaml:"signatures"`
	Log          *string                `yaml:"log"`
}

// list is a sequence of strings, or one string.
type list []string

// UnmarshalYAML takes both forms.
func (l *list) UnmarshalYAML(unmarshal func(any) error) error {
	var one string
	if unmarshal(&one) == nil {
		*l = list{one}
		return nil
	}
	return unmarshal((*[]string)(l))
}

// Find returns the path of the nearest localcloud.yaml in folder or a folder above it, "" for none.
func Find(folder string) string {
	for {
		path := filepath.Join(folder, FileName)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return ""
		}
		folder = parent
	}
}

// readFile decodes the file at path strictly.
func readFile(path string) (*file, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, &Error{Problems: []string{fmt.Sprintf("read configuration: %v", err)}}
	}
	return decode(filepath.Base(path), content)
}

// decode reads content; name stands in front of positions in messages.
func decode(name string, content []byte) (*file, error) {
	f := new(file)
	tree, err := parser.ParseBytes(content, 0)
	if err != nil {
		return nil, positioned(name, err)
	}
	if len(tree.Docs) > 1 && tree.Docs[1].Body != nil {
		return nil, &Error{Problems: []string{at(name, tree.Docs[1].Body.GetToken(), "one document is expected, this is a second one")}}
	}
	if len(tree.Docs) == 0 || tree.Docs[0].Body == nil {
		return f, nil
	}
	if problems := unknownKeys(name, tree.Docs[0].Body, reflect.TypeFor[file]()); len(problems) > 0 {
		return nil, &Error{Problems: problems}
	}
	if err := yaml.UnmarshalWithOptions(content, f, yaml.Strict()); err != nil {
		return nil, positioned(name, err)
	}
	return f, nil
}

// unknownKeys lists the keys below node that the structure t does not have.
func unknownKeys(name string, node ast.Node, t reflect.Type) []string {
	var problems []string
	for _, entry := range entries(node) {
		key := entry.Key.GetToken()
		if key == nil || key.Type == token.MergeKeyType {
			continue
		}
		known, ok := child(t, key.Value)
		if !ok {
			problems = append(problems, at(name, key, fmt.Sprintf("unknown key %q%s", key.Value, suggestion(key.Value, keys(t)))))
			continue
		}
		problems = append(problems, unknownKeys(name, entry.Value, known)...)
	}
	return problems
}

// entries returns the pairs of a mapping, nothing for other nodes.
func entries(node ast.Node) []*ast.MappingValueNode {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	case *ast.AnchorNode:
		return entries(n.Value)
	default:
		return nil
	}
}

// child is the type that stands under key in a t; every type but structures and maps takes anything.
func child(t reflect.Type, key string) (reflect.Type, bool) {
	switch t.Kind() {
	case reflect.Pointer:
		return child(t.Elem(), key)
	case reflect.Map:
		return t.Elem(), true
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).Tag.Get("yaml") == key {
				return t.Field(i).Type, true
			}
		}
		return nil, false
	default:
		return t, true
	}
}

// keys are the names that a structure knows, in order.
func keys(t reflect.Type) []string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var names []string
	for i := range t.NumField() {
		names = append(names, t.Field(i).Tag.Get("yaml"))
	}
	slices.Sort(names)
	return names
}

// positioned makes an error of the YAML library into one line with its place.
func positioned(name string, err error) error {
	var located yaml.Error
	if errors.As(err, &located) {
		return &Error{Problems: []string{at(name, located.GetToken(), located.GetMessage())}}
	}
	return &Error{Problems: []string{name + ": " + err.Error()}}
}

func at(name string, t *token.Token, message string) string {
	if t == nil || t.Position == nil {
		return name + ": " + message
	}
	return fmt.Sprintf("%s:%d:%d: %s", name, t.Position.Line, t.Position.Column, message)
}
