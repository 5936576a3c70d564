package e2e

import (
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func TestAnotherVersionReplacesTheProcessAndKeepsState(t *testing.T) {
	c := start(t, "--persistence")
	client, url := newQueue(t, c, "kept")
	ctx := background(t)
	if _, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("still here")}); err != nil {
		t.Fatal(err)
	}
	old := c.PID
	c.up(build(t, "next"), "--persistence")
	if c.PID == old {
		t.Error("the process is the same")
	}
	if status := c.run(build(t, "next"), "status"); !strings.Contains(status, "localcloud next") {
		t.Errorf("status: %s", status)
	}
	client = sqs.NewFromConfig(c.config(account, "us-east-1"))
	got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url})
	if err != nil || len(got.Messages) != 1 || *got.Messages[0].Body != "still here" {
		t.Errorf("received %+v, %v", got, err)
	}
}

func TestStateSurvivesDownWherePersistenceIsOn(t *testing.T) {
	c := start(t, "--persistence")
	_, url := newQueue(t, c, "kept")
	c.run(build(t, ""), "down")
	c.up(build(t, ""), "--persistence")
	client := sqs.NewFromConfig(c.config(account, "us-east-1"))
	if _, err := client.SendMessage(background(t), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("hello")}); err != nil {
		t.Errorf("the queue is gone: %v", err)
	}
}

func TestAKilledProcessIsHealedByTheNextUpAndByDown(t *testing.T) {
	c := start(t, "--services", "sqs", "--persistence")
	_, url := newQueue(t, c, "kept")
	kill(t, c)
	c.up(build(t, ""), "--services", "sqs", "--persistence")
	client := sqs.NewFromConfig(c.config(account, "us-east-1"))
	if _, err := client.SendMessage(background(t), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("hello")}); err != nil {
		t.Errorf("what was acknowledged before the kill is gone: %v", err)
	}
	kill(t, c)
	c.run(build(t, ""), "down", "--volumes")
	if runtimeName() == "docker" {
		label := "label=localcloud.project=" + c.project
		if left := docker(t, "ps", "--all", "--quiet", "--filter", label) + docker(t, "network", "ls", "--quiet", "--filter", label) +
			docker(t, "volume", "ls", "--quiet", "--filter", label); left != "" {
			t.Errorf("left behind: %s", left)
		}
	}
}

// kill ends the project's process as kill -9 does.
func kill(t *testing.T, c *cloud) {
	t.Helper()
	process, err := os.FindProcess(c.PID)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
}
