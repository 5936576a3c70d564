package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

var known = Known{
	Services: []string{"cloudformation", "dynamodb", "kinesis", "lambda", "s3", "sns", "sqs", "ssm", "timestream-query", "timestream-write"},
	Images:   []string{"dynamodb-local", "elasticmq", "moto"},
	Natives:  []string{"s3", "sqs"},
}

// load reads text as localcloud.yaml in a folder named shop.
func load(t *testing.T, text string, flags *pflag.FlagSet) (*Config, error) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "shop")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, FileName), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(Options{Folder: folder, Flags: flags, Known: known})
}

func TestAnEmptyFileHasDefaults(t *testing.T) {
	got, err := load(t, "# nothing\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Project: "shop", File: got.File, Folder: filepath.Dir(got.File), Runtime: "auto", Listen: []string{"127.0.0.1:4566"},
		QueueURLs: "dynamic", Signatures: "ignore", Log: "info",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTheTemplateIsValidAndSoAreItsExamples(t *testing.T) {
	if _, err := load(t, Template, nil); err != nil {
		t.Errorf("as written: %v", err)
	}
	var lines []string
	for line := range strings.Lines(Template) {
		if rest, ok := strings.CutPrefix(line, "# "); ok && (strings.Contains(rest, ": ") || strings.HasSuffix(rest, ":\n")) && !strings.Contains(rest, "localcloud") {
			line = rest
		}
		lines = append(lines, line)
	}
	got, err := load(t, strings.Join(lines, ""), nil)
	if err != nil {
		t.Fatalf("with its examples: %v", err)
	}
	if got.Project != "shop" || len(got.Backends) != 5 || len(got.Services) != 2 {
		t.Errorf("examples were not read: %+v", got)
	}
}

func TestFlagsStandOverEnvironmentOverFileOverDefaults(t *testing.T) {
	const text = "services: [s3]\nlog: warn\nlisten: 127.0.0.1:1111\nruntime: docker\n"
	t.Setenv("LOCALCLOUD_LOG", "error")
	t.Setenv("GATEWAY_LISTEN", ":2222,[::1]:3333")
	flags := pflag.NewFlagSet("up", pflag.ContinueOnError)
	flags.StringSlice("listen", nil, "")
	flags.String("runtime", "", "")
	flags.StringSlice("services", nil, "")
	flags.StringArray("backend", nil, "")
	if err := flags.Parse([]string{"--runtime", "local", "--services", "sqs,sns", "--backend", `s3=["serve", "-a,b"]`, "--backend", "*=moto"}); err != nil {
		t.Fatal(err)
	}
	got, err := load(t, text, flags)
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Project: "shop", File: got.File, Folder: got.Folder, Runtime: "local", Listen: []string{"0.0.0.0:2222", "[::1]:3333"},
		QueueURLs: "dynamic", Signatures: "ignore", Log: "error", Services: []string{"sqs", "sns"},
		Backends: map[string]Backend{"s3": {Command: []string{"serve", "-a,b"}}, "*": {Entry: "moto"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestEveryFormOfABackend(t *testing.T) {
	got, err := load(t, `backends:
  sqs: elasticmq
  dynamodb: amazon/dynamodb-local:3.1.0
  kinesis: http://10.0.0.5:4567
  s3: {image: versity/versitygw:v1.8.0, env: {VGW_REGION: eu-west-1}, memory: 256MiB}
  sns: ["moto_server", "-p", "{port}"]
  ssm:
    entry: moto
    image: mirror/moto:5
  "*": native
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Backend{
		"sqs":      {Entry: "elasticmq"},
		"dynamodb": {Image: "amazon/dynamodb-local:3.1.0"},
		"kinesis":  {Address: "http://10.0.0.5:4567"},
		"s3":       {Image: "versity/versitygw:v1.8.0", Env: map[string]string{"VGW_REGION": "eu-west-1"}, Memory: 256 << 20},
		"sns":      {Command: []string{"moto_server", "-p", "{port}"}},
		"ssm":      {Entry: "moto", Image: "mirror/moto:5"},
		"*":        {Native: true},
	}
	if diff := cmp.Diff(want, got.Backends); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWhatIsWrongIsNamedWithItsPlace(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an unknown key":               {"runtime: local\nservces: [s3]\n", `localcloud.yaml:2:1: unknown key "servces"; did you mean "services"?`},
		"an unknown key of a backend":  {"backends:\n  s3:\n    imgae: a/b\n", `localcloud.yaml:3:5: unknown key "imgae"; did you mean "image"?`},
		"an unknown key of a probe":    {"backends:\n  s3: {image: a/b, probe: {pth: /}}\n", `localcloud.yaml:2:28: unknown key "pth"; did you mean "path"?`},
		"keys keep their case":         {"Services: [s3]\n", `localcloud.yaml:1:1: unknown key "Services"; did you mean "services"?`},
		"a key that is there twice":    {"log: info\nlog: warn\n", `localcloud.yaml:2:1: mapping key "log" already defined at [1:1]`},
		"a wrong type":                 {"strict: [a]\n", `localcloud.yaml:1:9: `},
		"a syntax error":               {"services: [s3\n", `localcloud.yaml:1:11: `},
		"a second document":            {"log: info\n---\nlog: warn\n", `localcloud.yaml:3:4: one document is expected, this is a second one`},
		"an unknown service":           {"services: [sqss]\n", `unknown service "sqss"; did you mean "sqs"?`},
		"an unknown backend":           {"backends: {sqs: elasticmw}\n", `backends: sqs: unknown backend "elasticmw"; did you mean "elasticmq"?`},
		"two kinds of backend":         {"backends: {sqs: {image: a/b, address: 'http://a'}}\n", `backends: sqs: image, command, address and native exclude one another`},
		"no kind of backend":           {"backends: {sqs: {port: 1}}\n", `backends: sqs: one of entry, image, command and address is needed`},
		"an address of another scheme": {"backends: {sqs: 'tcp://a:1'}\n", `backends: sqs: address "tcp://a:1": want http://host:port or https://host:port`},
		"native where there is none":   {"backends: {lambda: native}\n", `backends: lambda: there is no native backend of lambda; native are: s3, sqs`},
		"memory without sense":         {"backends: {sqs: {image: a/b, memory: lots}}\n", `backends: sqs: memory "lots": want a size like 256MiB`},
		"an unknown runtime":           {"runtime: podman\n", `runtime "podman": want auto, docker or local`},
		"a port out of range":          {"listen: 127.0.0.1:70000\n", `listen "127.0.0.1:70000": port "70000": want a number up to 65535`},
		"a name to listen on":          {"listen: example.com:1\n", `listen "example.com:1": "example.com" is no IP address`},
		"a project's name":             {"project: My Shop\n", `project "My Shop": want small letters, digits, - and _`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, c.text, nil)
			var refused *Error
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, want a refusal", err)
			}
			if got := refused.Problems[0]; !strings.HasPrefix(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestNamesOfLocalStackAreHonouredOrReported(t *testing.T) {
	for name, value := range map[string]string{
		"LOCALSTACK_SERVICES": "s3:4572,sqs=1,timestream", "PERSISTENCE": "1", "LOCALSTACK_HOST": "aws.local:4566", "DEBUG": "1",
		"SQS_ENDPOINT_STRATEGY": "path", "KINESIS_BACKEND": "http://k:1", "EDGE_PORT": "4599",
		"LAMBDA_EXECUTOR": "docker", "LOCALSTACK_FROBNICATE": "1", "LOCALSTACK_AUTH_TOKEN": "x",
	} {
		t.Setenv(name, value)
	}
	got, err := load(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Project: "shop", File: got.File, Folder: got.Folder, Runtime: "auto", Listen: []string{"127.0.0.1:4599"}, Host: "aws.local:4566",
		QueueURLs: "path", Services: []string{"s3", "sqs", "timestream-query", "timestream-write"}, Persistence: true,
		Backends:   map[string]Backend{"kinesis": {Address: "http://k:1"}},
		Signatures: "ignore", Log: "debug",
		Notes: []string{
			"LAMBDA_EXECUTOR has no effect: Lambda functions are not run yet",
			"LOCALSTACK_AUTH_TOKEN has no effect: no account or token is needed",
			"LOCALSTACK_FROBNICATE has no effect: localcloud does not know it",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "1024": 1024, "256MiB": 256 << 20, "256m": 256 << 20, "1 GB": 1 << 30} {
		if got, err := parseBytes(text); err != nil || got != want {
			t.Errorf("parseBytes(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"-1", "0", "9999999999999999999", "99999999999T", "1.5g", "x"} {
		if got, err := parseBytes(text); err == nil {
			t.Errorf("parseBytes(%q) = %d, want an error", text, got)
		}
	}
}
