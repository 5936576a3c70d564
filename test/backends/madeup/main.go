// Command madeup is a small backend of SQS with every habit that a described backend may have: it
// knows one account and one region, speaks the query protocol only, and takes one key. For a queue
// that is called garbage it answers with a page, for one called slow after a long time.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

const queue = "http://nowhere.example/999999999999/%s"

func main() {
	http.HandleFunc("/alive", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "yes") })
	http.HandleFunc("/", serve)
	fmt.Println("madeup listens on", os.Getenv("PORT"))
	fmt.Println(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
	os.Exit(1)
}

func serve(w http.ResponseWriter, r *http.Request) {
	authorization := r.Header.Get("Authorization")
	if !strings.Contains(authorization, "Credential=madeup/") || !strings.Contains(authorization, "/nowhere-1/sqs/aws4_request") {
		fail(w, 403, "InvalidClientTokenId", "not my key: "+authorization)
		return
	}
	name := r.FormValue("QueueName")
	switch action := r.FormValue("Action"); action {
	case "CreateQueue", "GetQueueUrl":
		switch name {
		case "garbage":
			http.Error(w, "<h1>oops</h1>", http.StatusInternalServerError)
			return
		case "slow":
			time.Sleep(3 * time.Second)
		case "missing":
			fail(w, 400, "AWS.SimpleQueueService.NonExistentQueue", "no arn:aws:sqs:nowhere-1:999999999999:missing")
			return
		case "exit":
			fmt.Println("madeup was told to exit")
			os.Exit(7)
		}
		answer(w, action, "<QueueUrl>"+fmt.Sprintf(queue, name)+"</QueueUrl>")
	case "GetQueueAttributes":
		if url := r.FormValue("QueueUrl"); !strings.HasSuffix(url, "/999999999999/q") {
			fail(w, 400, "InvalidAddress", "not my queue: "+url)
			return
		}
		answer(w, action, attribute("QueueArn", "arn:aws:sqs:nowhere-1:999999999999:q")+
			attribute("RedrivePolicy", `{"deadLetterTargetArn":"arn:aws:sqs:nowhere-1:999999999999:d"}`))
	default:
		fail(w, 400, "InvalidAction", "I have no "+action)
	}
}

func attribute(name, value string) string {
	return "<Attribute><Name>" + name + "</Name><Value>" + value + "</Value></Attribute>"
}

func answer(w http.ResponseWriter, action, result string) {
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(w, `<%[1]sResponse><%[1]sResult>%s</%[1]sResult></%[1]sResponse>`, action, result)
}

func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", code, message)
}
