// Package e2e tests localcloud as its users have it: the program is built and run, and clients that
// others wrote talk to it. Here the AWS SDK for Go; in the folder python boto3 and the AWS CLI.
//
// LOCALCLOUD_E2E_RUNTIME names the runtime, local by default. No network is needed.
package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// build builds localcloud, once for each version that it is to call itself.
func build(t *testing.T, version string) string {
	t.Helper()
	if binary := os.Getenv("LOCALCLOUD_BIN"); binary != "" && version == "" {
		return binary
	}
	binaries.Lock()
	defer binaries.Unlock()
	if binary, ok := binaries.path[version]; ok {
		return binary
	}
	binary := filepath.Join(binaries.folder, "localcloud"+version)
	command := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -X main.stamp="+version, "-o", binary, "localcloud/cmd/localcloud")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build localcloud: %v\n%s", err, out)
	}
	binaries.path[version] = binary
	return binary
}

var binaries = struct {
	sync.Mutex
	folder string
	path   map[string]string
}{path: make(map[string]string)}

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "localcloud-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binaries.folder = folder
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// runtimeName is where backends run in these tests.
func runtimeName() string {
	if name := os.Getenv("LOCALCLOUD_E2E_RUNTIME"); name != "" {
		return name
	}
	return "local"
}

// cloud is a project that runs.
type cloud struct {
	t       *testing.T
	project string
	state   string
	folder  string
	URL     string
	PID     int
}

// start brings a project up; the test's end takes it down and fails if anything is left.
func start(t *testing.T, arguments ...string) *cloud {
	t.Helper()
	c := &cloud{t: t, project: fmt.Sprintf("e2e-%d-%d", os.Getpid(), time.Now().UnixNano()%1e9), folder: t.TempDir()}
	c.state = filepath.Join(c.folder, "state")
	t.Cleanup(func() {
		c.run(build(t, ""), "down", "--volumes")
		if _, err := os.Stat(c.state); !os.IsNotExist(err) {
			left, _ := filepath.Glob(filepath.Join(c.state, "*", "*"))
			t.Errorf("after down something is left in the state directory: %v %v", left, err)
		}
	})
	c.up(build(t, ""), arguments...)
	return c
}

// up runs `up` of a localcloud.
func (c *cloud) up(binary string, arguments ...string) {
	c.t.Helper()
	out := c.run(binary, append([]string{"up", "--json", "--runtime", runtimeName(), "--listen", "127.0.0.1:0"}, arguments...)...)
	var status struct {
		URL string
		PID int
	}
	if err := json.Unmarshal([]byte(out), &status); err != nil {
		c.t.Fatalf("status: %v\n%s", err, out)
	}
	c.URL, c.PID = status.URL, status.PID
}

// run runs a command of localcloud and returns its standard output.
func (c *cloud) run(binary string, arguments ...string) string {
	c.t.Helper()
	command := exec.Command(binary, append([]string{"--project", c.project, "--file", "-"}, arguments...)...)
	command.Dir = c.folder
	command.Env = append(os.Environ(), "LOCALCLOUD_STATE="+c.state)
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
		Region: region, BaseEndpoint: aws.String(c.URL),
		Credentials:      credentials.NewStaticCredentialsProvider(account, "test", ""),
		RetryMaxAttempts: 1,
	}
}

const account = "000000000000"

func background(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}
