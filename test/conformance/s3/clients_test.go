package s3_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// run runs a client of another language; python and aws are skipped where they are not installed.
func run(t *testing.T, program string, arguments ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts other programs")
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, arguments...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Errorf("%s: %v\n%s", filepath.Base(arguments[0]), err, out.String())
	}
}

func needBoto(t *testing.T) {
	t.Helper()
	if err := exec.Command("python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("python3 with boto3 is not installed")
	}
}

// TestRecordedAnswers repeats recorded tests on AWS and compares the answers.
func TestRecordedAnswers(t *testing.T) {
	needBoto(t)
	run(t, "python3", "testdata/recorded.py", start(t))
}

func TestBoto(t *testing.T) {
	needBoto(t)
	run(t, "python3", "testdata/boto.py", start(t))
}

// TestCLI syncs FILES files and copies a file of BYTES bytes.
func TestCLI(t *testing.T) {
	if err := exec.Command("aws", "--version").Run(); err != nil {
		t.Skip("the AWS CLI is not installed")
	}
	script, err := filepath.Abs("testdata/cli.sh")
	if err != nil {
		t.Fatal(err)
	}
	run(t, "sh", script, start(t), t.TempDir())
}

// TestMain prints the result of the suite as a table where S3_TABLE is set.
func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv("S3_TABLE") != "" {
		printTable()
	}
	os.Exit(code)
}
