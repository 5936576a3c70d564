package expr

import "localcloud/images/dynamodb/attr"

// pathList is a parsed projection expression.
type pathList struct {
	paths   []path
	symbols symbols
}

var projections cache[*pathList]

// ParseProjection parses a projection expression and binds it. The paths are in the text's order.
func ParseProjection(text string, params *Params) ([]attr.Path, error) {
	list, err := projections.get(text, parsePaths)
	if err != nil {
		return nil, err
	}
	names, _ := params.bind(&list.symbols)
	if err := checkNames(list.paths, names); err != nil {
		return nil, err
	}
	paths := make([]attr.Path, len(list.paths))
	for i, p := range list.paths {
		paths[i] = resolve(p, names)
	}
	return paths, checkOverlap(paths)
}

func parsePaths(text string) (*pathList, error) {
	list := new(pathList)
	p, err := parse(text, func(p *parser) {
		list.paths = append(list.paths, p.path())
		for p.isSign(",") {
			p.take()
			list.paths = append(list.paths, p.path())
		}
	})
	if err != nil {
		return nil, err
	}
	list.symbols = p.symbols
	return list, p.problem()
}

// checkNames finds the first #name without a definition.
func checkNames(paths []path, names []string) error {
	for _, p := range paths {
		for _, s := range p {
			if s.sharp >= 0 && names[s.sharp] == "" {
				return undefinedName(s.name)
			}
		}
	}
	return nil
}

// checkOverlap finds the first two paths of which one lies on the other, or that take one attribute
// for a list and for a map.
func checkOverlap(paths []attr.Path) error {
	for i, b := range paths {
		for _, a := range paths[:i] {
			if err := overlap(a, b); err != nil {
				return err
			}
		}
	}
	return nil
}

func overlap(a, b attr.Path) error {
	how := "overlap"
	for i := range min(len(a), len(b)) {
		if a[i].Elem != b[i].Elem {
			how = "conflict"
			break
		}
		if a[i] != b[i] {
			return nil
		}
	}
	return Problem("Two document paths " + how + " with each other; must remove or rewrite one of these paths; path one: " +
		a.String() + ", path two: " + b.String())
}
