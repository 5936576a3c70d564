package e2e

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func TestASiblingContainerUsesTheQueueURLItIsGiven(t *testing.T) {
	if runtimeName() != "docker" {
		t.Skip("skipped: containers need LOCALCLOUD_E2E_RUNTIME=docker")
	}
	c := start(t, "--services", "sqs")
	client, queue := newQueue(t, c, "shared")
	ctx := background(t)
	if _, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("hello")}); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		t.Fatal(err)
	}
	endpoint := "http://localhost.localstack.cloud:" + u.Port()
	network := strings.TrimSpace(docker(t, "network", "ls", "--quiet", "--filter", "label=localcloud.project="+c.project))
	out := docker(t, "run", "--rm", "--network", network, sibling(t), endpoint, "shared")
	if want := endpoint + "/" + account + "/shared"; strings.TrimSpace(out) != want {
		t.Errorf("the sibling was given %s, want %s", out, want)
	}
	got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: queue, WaitTimeSeconds: 5})
	if err != nil || len(got.Messages) != 1 || *got.Messages[0].Body != "back: hello" {
		t.Errorf("received %+v, %v", got, err)
	}
}

// sibling builds an image with the program in the folder sibling and returns its name.
func sibling(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	command := exec.Command("go", "build", "-o", filepath.Join(folder, "sibling"), "localcloud/test/e2e/sibling")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build the sibling: %v\n%s", err, out)
	}
	dockerfile := "FROM scratch\nCOPY sibling /sibling\nENTRYPOINT [\"/sibling\"]\n"
	if err := os.WriteFile(filepath.Join(folder, "Dockerfile"), []byte(dockerfile), 0o600); err != nil {
		t.Fatal(err)
	}
	const name = "localcloud-e2e:sibling"
	docker(t, "build", "--quiet", "--tag", name, folder)
	t.Cleanup(func() { docker(t, "image", "rm", "--force", name) })
	return name
}

func docker(t *testing.T, arguments ...string) string {
	t.Helper()
	out, err := exec.Command("docker", arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	return string(out)
}
