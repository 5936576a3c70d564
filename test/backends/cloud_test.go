// Package backends tests localcloud with other backends than its own: one that only the configuration
// describes, and third-party programs where they are installed (test/images/install).
package backends

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// programs are what the tests build, in a folder that is removed at the end.
var programs struct{ localcloud, madeup string }

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "localcloud-backends-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	programs.localcloud, programs.madeup = filepath.Join(folder, "localcloud"), filepath.Join(folder, "madeup")
	for program, source := range map[string]string{programs.localcloud: "localcloud/cmd/localcloud", programs.madeup: "localcloud/test/backends/madeup"} {
		if out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n%s", source, err, out)
			return 1
		}
	}
	if installed, err := filepath.Abs("../.cache/bin"); err == nil {
		os.Setenv("PATH", installed+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	return m.Run()
}

// cloud is a project that runs.
type cloud struct {
	t      *testing.T
	folder string
	url    string
}

// start brings up a project with a configuration; the test's end takes it down.
func start(t *testing.T, configuration string) *cloud {
	t.Helper()
	c := &cloud{t: t, folder: t.TempDir()}
	if err := os.WriteFile(filepath.Join(c.folder, "localcloud.yaml"), []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.run("down", "--volumes") })
	var status struct{ URL string }
	if err := json.Unmarshal([]byte(c.run("up", "--json", "--runtime", "local", "--listen", "127.0.0.1:0")), &status); err != nil {
		t.Fatal(err)
	}
	c.url = status.URL
	return c
}

// run runs a command of localcloud and returns what it printed.
func (c *cloud) run(arguments ...string) string {
	c.t.Helper()
	command := exec.Command(programs.localcloud, arguments...)
	command.Dir = c.folder
	command.Env = append(os.Environ(), "LOCALCLOUD_STATE="+filepath.Join(c.folder, "state"))
	var out, errs strings.Builder
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		c.t.Fatalf("localcloud %s: %v\n%s", strings.Join(arguments, " "), err, errs.String())
	}
	return out.String()
}

// config is that of the SDK for an account and region.
func (c *cloud) config(account, region string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(c.url), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(account, "test", ""),
	}
}
