package sqs

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"localcloud/images"
)

func TestRestart(t *testing.T) {
	env := images.Env{Dir: t.TempDir(), Persist: true}
	b, _ := start(t, env)
	dead := create(t, b, "dead.fifo", map[string]string{"FifoQueue": "true"})
	url := create(t, b, "q.fifo", map[string]string{
		"FifoQueue": "true", "VisibilityTimeout": "7",
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead.fifo","maxReceiveCount":2}`,
	})
	if _, err := b.tagQueue(owner, &TagQueueInput{QueueUrl: url, Tags: map[string]string{"a": "b"}}); err != nil {
		t.Fatal(err)
	}
	gone := create(t, b, "gone", nil)
	put(t, b, gone, "x")
	if _, err := b.deleteQueue(owner, &DeleteQueueInput{QueueUrl: gone}); err != nil {
		t.Fatal(err)
	}
	first := put(t, b, url, "a")
	put(t, b, url, "b")
	take(t, b, url, 0)
	take(t, b, url, 0)
	take(t, b, url, 0) // both are dead letters now
	received := take(t, b, dead, 300)
	put(t, b, url, "c")
	for _, compacted := range []bool{false, true, true} {
		if compacted {
			if _, err := b.compact(); err != nil {
				t.Fatal(err)
			}
		}
		before := b.allState(t)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		b, _ = start(t, env)
		if diff := cmp.Diff(before, b.allState(t)); diff != "" {
			t.Fatalf("compacted %v: after the restart (-before +after):\n%s", compacted, diff)
		}
	}
	if again := put(t, b, url, "a"); *again.MessageId != *first.MessageId || *again.SequenceNumber != *first.SequenceNumber {
		t.Error("a deduplication id is forgotten")
	}
	if later := put(t, b, url, "d"); *later.SequenceNumber <= *first.SequenceNumber {
		t.Error("sequence numbers begin anew")
	}
	if got := take(t, b, dead, 0); len(got) != 0 {
		t.Errorf("messages in flight are visible: %v", got)
	}
	for _, m := range received {
		if _, err := b.deleteMessage(owner, &DeleteMessageInput{QueueUrl: dead, ReceiptHandle: *m.ReceiptHandle}); err != nil {
			t.Errorf("a receipt handle from before: %v", err)
		}
	}
	if got := attribute(t, b, dead, "ApproximateNumberOfMessagesNotVisible"); got != "0" {
		t.Errorf("%s messages in flight", got)
	}
}

func TestReset(t *testing.T) {
	env := images.Env{Dir: t.TempDir(), Persist: true, Settings: map[string]string{"delay_recently_deleted": "1"}}
	b, _ := start(t, env)
	url := create(t, b, "q", nil)
	put(t, b, url, "m")
	if err := b.Reset(); err != nil {
		t.Fatal(err)
	}
	create(t, b, "q", nil) // the name is free at once
	if err := b.Reset(); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b, _ = start(t, env)
	if left := b.allState(t); len(left) != 0 {
		t.Errorf("after the reset: %v", left)
	}
}

// allState is what there is of all queues.
func (b *Backend) allState(t *testing.T) (lines []string) {
	t.Helper()
	for _, r := range b.registry.all() {
		p := r.properties.Load()
		lines = append(lines, fmt.Sprintln(r.arn(), r.ID(), r.created, p.modified, p.attributes.values, p.tags, r.Counts()))
		for _, s := range r.Peek() {
			lines = append(lines, fmt.Sprintln(s.ID, s.Body, s.Sent, s.Sequence, s.DeadSource, s.Receives, s.FirstReceived, s.Visible))
		}
	}
	return lines
}

// TestKill sends, receives and deletes in a process that is killed again and again: what was
// acknowledged is there, what was deleted is not, and receive counts do not go back.
func TestKill(t *testing.T) {
	if dir := os.Getenv("SQS_KILL_DIR"); dir != "" {
		work(t, dir)
		return
	}
	dir := t.TempDir()
	sent, deleted, buried := make(map[string]bool), make(map[string]bool), make(map[string]bool)
	counts := make(map[string]string)
	for round := range 4 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
		cmd.Env = append(os.Environ(), "SQS_KILL_DIR="+dir, fmt.Sprint("SQS_KILL_ROUND=", round))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(500*time.Millisecond, func() { _ = cmd.Process.Kill() })
		for lines := bufio.NewScanner(out); lines.Scan(); {
			word, rest, _ := strings.Cut(lines.Text(), " ")
			switch word {
			case "sent":
				sent[rest] = true
			case "deleted":
				deleted[rest] = true
			case "buried":
				buried[rest] = true
			case "received":
				body, n, _ := strings.Cut(rest, " ")
				counts[body] = n
			case "panic:", "---":
				t.Error(lines.Text())
			}
		}
		_ = cmd.Wait()
		timer.Stop()
		check(t, dir, sent, deleted, counts)
		checkBuried(t, dir, buried)
	}
	if len(sent) < 100 || len(deleted) < 20 || len(buried) < 10 {
		t.Errorf("only %d messages sent, %d deleted and %d dead", len(sent), len(deleted), len(buried))
	}
}

func check(t *testing.T, dir string, sent, deleted map[string]bool, counts map[string]string) {
	t.Helper()
	b, clk := start(t, images.Env{Dir: dir, Persist: true})
	clk.Advance(time.Hour)
	url := create(t, b, "q", nil)
	present := make(map[string]bool)
	r := b.registry.find(place{"000000000000", "us-east-1"}, "q")
	for _, s := range r.Peek() {
		if present[s.Body] {
			t.Errorf("%s is there twice", s.Body)
		}
		present[s.Body] = true
		if deleted[s.Body] {
			t.Errorf("%s was deleted and is back", s.Body)
		}
		if n := counts[s.Body]; n != "" && fmt.Sprint(s.Receives) < n {
			t.Errorf("%s was received %s times, now %d", s.Body, n, s.Receives)
		}
	}
	for body := range sent {
		if !present[body] && !deleted[body] {
			// The delete may have been done and not yet told; then it was received.
			if counts[body] == "" {
				t.Errorf("%s was acknowledged and is lost", body)
			}
		}
	}
	_ = url
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

// checkBuried checks that each message that was sent to the source of dead letters is there or has
// become one, and that none is in both places.
func checkBuried(t *testing.T, dir string, buried map[string]bool) {
	t.Helper()
	b, _ := start(t, images.Env{Dir: dir, Persist: true})
	found := make(map[string]int)
	for _, name := range []string{"source", "dead"} {
		if r := b.registry.find(place{"000000000000", "us-east-1"}, name); r != nil {
			for _, s := range r.Peek() {
				found[s.Body]++
			}
		}
	}
	for body, n := range found {
		if n != 1 {
			t.Errorf("%s is there %d times", body, n)
		}
	}
	for body := range buried {
		if found[body] == 0 {
			t.Errorf("%s is neither in its queue nor a dead letter", body)
		}
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

// work is what the process does that is killed: two of its goroutines work on a queue, one makes dead
// letters, and one compacts the log all the time.
func work(t *testing.T, dir string) {
	b, _ := start(t, images.Env{Dir: dir, Persist: true})
	url := create(t, b, "q", nil)
	go func() {
		for {
			if _, err := b.compact(); err != nil {
				fmt.Println("---", err)
			}
		}
	}()
	go func() {
		for {
			for _, m := range take(t, b, url, 3600) {
				fmt.Println("received", *m.Body, m.Attributes["ApproximateReceiveCount"])
				if _, err := b.deleteMessage(owner, &DeleteMessageInput{QueueUrl: url, ReceiptHandle: *m.ReceiptHandle}); err == nil {
					fmt.Println("deleted", *m.Body)
				}
			}
		}
	}()
	create(t, b, "dead", nil)
	source := create(t, b, "source", map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":1}`,
	})
	go func() {
		for i := range 1_000_000 {
			body := fmt.Sprint("dead ", os.Getenv("SQS_KILL_ROUND"), "-", i)
			put(t, b, source, body)
			fmt.Println("buried", body)
			take(t, b, source, 0)
		}
	}()
	for i := range 1_000_000 {
		body := fmt.Sprint(os.Getenv("SQS_KILL_ROUND"), "-", i)
		put(t, b, url, body)
		fmt.Println("sent", body)
	}
}
