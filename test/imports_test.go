// Package test holds what is tested across packages: here the direction of imports, in the folders
// below it localcloud as its users have it, with real clients.
package test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// rule says what the packages under a folder may import. Patterns are import paths below the module;
// one that ends with /... stands for everything under it. The first rule that matches a package holds.
type rule struct {
	packages string
	may      []string // packages of this module, besides those under the same folder
	modules  []string // modules of others; nil for none
}

// rules are the import rules of DESIGN in code: imports go one way.
var rules = []rule{
	{"gateway/aws/...", nil, nil},
	{"internal/...", nil, nil},
	{"images", []string{"gateway/aws", "internal/clock"}, nil},
	{"images/native", []string{"images", "gateway/aws/...", "internal/..."}, nil},
	{"images/catalog", []string{"images/...", "gateway/aws/..."}, nil},
	{"images/...", []string{"images", "images/native", "gateway/aws/...", "internal/..."}, []string{"github.com/tidwall/btree", "github.com/minio/crc64nvme"}},
	{"gateway/...", []string{"images", "gateway/...", "internal/..."}, []string{"golang.org/x/net"}},
	{"orchestrator/docker", []string{"orchestrator/...", "images", "images/native", "gateway/aws/...", "internal/..."},
		[]string{"github.com/docker/docker", "github.com/docker/go-connections", "github.com/containerd/errdefs", "github.com/distribution/reference", "golang.org/x/net"}},
	{"orchestrator/...", []string{"orchestrator/...", "images", "images/native", "gateway/aws/...", "internal/..."}, []string{"golang.org/x/net"}},
	{"cmd/localcloud/config", []string{"gateway/aws"}, []string{"github.com/goccy/go-yaml", "github.com/spf13/pflag", "github.com/spf13/viper"}},
	{"cmd/localcloud/project", []string{"internal/..."}, nil},
	{"cmd/...", []string{"..."}, []string{"github.com/spf13/cobra", "github.com/goccy/go-yaml"}},
	{"test/...", []string{"..."}, []string{"..."}},
}

// single names what only one file may import.
var single = map[string]string{"github.com/spf13/viper": "cmd/localcloud/config/merge.go"}

const module = "localcloud/"

func TestImportsGoOneWay(t *testing.T) {
	root := ".."
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "bin") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		checkFile(t, name, filepath.ToSlash(file))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkFile(t *testing.T, name, file string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		t.Error(err)
		return
	}
	own := path.Dir(file)
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Error(err)
			continue
		}
		if only, ok := single[imported]; ok && file != only {
			t.Errorf("%s imports %s, which only %s may", file, imported, only)
		}
		if !allowed(own, imported) {
			t.Errorf("%s must not import %s", file, imported)
		}
	}
}

// allowed reports whether a package of this module may import a package.
func allowed(own, imported string) bool {
	inside, ours := strings.CutPrefix(imported, module)
	if !ours && !strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
		return true // the standard library
	}
	for _, r := range rules {
		if !matches(r.packages, own) {
			continue
		}
		if !ours {
			for _, m := range r.modules {
				if m == "..." || imported == m || strings.HasPrefix(imported, m+"/") {
					return true
				}
			}
			return false
		}
		folder := strings.TrimSuffix(strings.TrimSuffix(r.packages, "..."), "/")
		if folder == "images" {
			folder = strings.Join(strings.SplitN(own, "/", 3)[:2], "/") // one backend, not its neighbours
		}
		if strings.HasPrefix(inside+"/", folder+"/") && r.packages != "images" {
			return true
		}
		for _, pattern := range r.may {
			if matches(pattern, inside) {
				return true
			}
		}
		return false
	}
	return false
}

func matches(pattern, name string) bool {
	if pattern == "..." {
		return true
	}
	if folder, ok := strings.CutSuffix(pattern, "/..."); ok {
		return name == folder || strings.HasPrefix(name, folder+"/")
	}
	return name == pattern
}

func TestTheRulesForbidWhatTheyShould(t *testing.T) {
	for name, c := range map[string]struct {
		own, imported string
		want          bool
	}{
		"the vocabulary knows the standard library":       {"gateway/aws", "net/http", true},
		"the vocabulary knows nothing else of ours":       {"gateway/aws/wire", "localcloud/images", false},
		"the vocabulary has no dependencies":              {"gateway/aws", "golang.org/x/net/http2", false},
		"an image knows the vocabulary":                   {"images", "localcloud/gateway/aws", true},
		"an image does not know a backend":                {"images", "localcloud/images/sqs", false},
		"a backend knows what images share":               {"images/sqs", "localcloud/images/native", true},
		"a backend knows its own folder":                  {"images/s3", "localcloud/images/s3/store", true},
		"a backend does not know its neighbours":          {"images/sns", "localcloud/images/sqs", false},
		"the gateway does not know backends":              {"gateway/intercept", "localcloud/images/sqs", false},
		"the gateway does not know the orchestrator":      {"gateway", "localcloud/orchestrator", false},
		"the orchestrator does not know the gateway":      {"orchestrator", "localcloud/gateway", false},
		"the Docker SDK stays in one folder":              {"orchestrator/local", "github.com/docker/docker/client", false},
		"and is used there":                               {"orchestrator/docker", "github.com/docker/docker/client", true},
		"the catalog is for the command alone":            {"orchestrator", "localcloud/images/catalog", false},
		"the command puts everything together":            {"cmd/localcloud", "localcloud/images/catalog", true},
		"a package that no rule knows may import nothing": {"else", "localcloud/images", false},
	} {
		if got := allowed(c.own, c.imported); got != c.want {
			t.Errorf("%s: allowed(%s, %s) = %t", name, c.own, c.imported, got)
		}
	}
}
