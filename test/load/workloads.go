package load

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// Workload is something that is done again and again.
type Workload struct {
	Name  string
	Calls int // of one iteration
	// Stores says that the ceiling of the workload is a handler that computes the MD5 of the body and
	// writes it to a file.
	Stores bool
	// Prepare makes what the workload needs; it must succeed again where that is there. nil for nothing.
	Prepare func(*Conn) error
	// Worker returns the iteration of one connection.
	Worker func(number int) func(*Conn) error
}

// Workloads is the table of all.
func Workloads() []Workload {
	return []Workload{
		{"sts GetCallerIdentity", 1, false, nil, always(Request{
			Method: "POST", Path: "/", Service: "sts", Form: true, Body: []byte("Action=GetCallerIdentity&Version=2011-06-15"),
		})},
		{"sqs SendMessage", 1, false, createQueue("send"), always(sqs("SendMessage", `{"QueueUrl":"`+queueURL("send")+`","MessageBody":"`+text(100)+`"}`))},
		{"sqs send + receive + delete", 3, false, createQueues("cycle", 8), cycle("cycle", 8)},
		{"sqs send + receive + delete, 100,000 waiting", 3, false, fillQueue("long", 100_000), cycle("long", 1)},
		{"sns Publish, no subscriptions", 1, false, createTopic, always(Request{
			Method: "POST", Path: "/", Service: "sns", Form: true,
			Body: []byte("Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A" + Account + "%3Abench&Message=" + text(100)),
		})},
		{"dynamodb GetItem", 1, false, createTable, always(dynamodb("GetItem", `{"TableName":"bench","Key":{"pk":{"S":"p"},"sk":{"N":"1"}}}`))},
		{"dynamodb PutItem", 1, false, createTable, putItem},
		{"dynamodb UpdateItem", 1, false, createTable, always(dynamodb("UpdateItem", `{"TableName":"bench","Key":{"pk":{"S":"u"},"sk":{"N":"1"}},`+
			`"UpdateExpression":"SET #c = if_not_exists(#c, :z) + :o","ExpressionAttributeNames":{"#c":"count"},`+
			`"ExpressionAttributeValues":{":z":{"N":"0"},":o":{"N":"1"}}}`))},
		{"dynamodb Query of 10 items", 1, false, createTable, always(dynamodb("Query", `{"TableName":"bench","KeyConditionExpression":"pk = :p",`+
			`"ExpressionAttributeValues":{":p":{"S":"p"}},"Limit":10}`))},
		{"s3 GET 1 KB", 1, false, putObject("1k", 1<<10), always(Request{Method: "GET", Path: "/bench/1k", Service: "s3"})},
		{"s3 PUT 1 KB", 1, false, createBucket, putEach(1<<10, 1)},
		{"s3 GET 1 MB", 1, false, putObject("1m", 1<<20), always(Request{Method: "GET", Path: "/bench/1m", Service: "s3", Discard: true})},
		{"s3 PUT 1 MB", 1, true, createBucket, putEach(1<<20, 1)},
		{"s3 GET 100 MB", 1, false, putObject("100m", 100<<20), always(Request{Method: "GET", Path: "/bench/100m", Service: "s3", Discard: true})},
		{"s3 PUT 100 MB", 1, true, createBucket, putEach(1<<20, 100)},
	}
}

// always sends one and the same request.
func always(r Request) func(int) func(*Conn) error {
	return func(int) func(*Conn) error {
		r := r
		return func(c *Conn) error {
			_, err := c.Do(&r)
			return err
		}
	}
}

func sqs(operation, body string) Request {
	return Request{Method: "POST", Path: "/", Service: "sqs", Target: "AmazonSQS." + operation, Body: []byte(body)}
}

func dynamodb(operation, body string) Request {
	return Request{Method: "POST", Path: "/", Service: "dynamodb", Target: "DynamoDB_20120810." + operation, Body: []byte(body)}
}

func queueURL(name string) string { return "http://127.0.0.1:4566/" + Account + "/" + name }

// text is n bytes of plain text.
func text(n int) string { return string(bytes.Repeat([]byte("localcloud"), n/10+1)[:n]) }

func createQueue(name string) func(*Conn) error {
	return func(c *Conn) error {
		r := sqs("CreateQueue", `{"QueueName":"`+name+`"}`)
		_, err := c.Do(&r)
		return err
	}
}

func createQueues(name string, n int) func(*Conn) error {
	return func(c *Conn) error {
		for i := range n {
			if err := createQueue(name + strconv.Itoa(i))(c); err != nil {
				return err
			}
		}
		return nil
	}
}

// fillQueue makes a queue in which n messages wait.
func fillQueue(name string, n int) func(*Conn) error {
	return func(c *Conn) error {
		if err := createQueues(name, 1)(c); err != nil {
			return err
		}
		var entries bytes.Buffer
		for i := range 10 {
			fmt.Fprintf(&entries, `,{"Id":"%d","MessageBody":"%s"}`, i, text(100))
		}
		batch := sqs("SendMessageBatch", `{"QueueUrl":"`+queueURL(name+"0")+`","Entries":[`+entries.String()[1:]+`]}`)
		for range n / 10 {
			if _, err := c.Do(&batch); err != nil {
				return err
			}
		}
		return nil
	}
}

// cycle sends, receives and deletes, each connection on one of n queues.
func cycle(name string, n int) func(int) func(*Conn) error {
	return func(number int) func(*Conn) error {
		url := queueURL(name + strconv.Itoa(number%n))
		send := sqs("SendMessage", `{"QueueUrl":"`+url+`","MessageBody":"`+text(100)+`"}`)
		receive := sqs("ReceiveMessage", `{"QueueUrl":"`+url+`"}`)
		remove := sqs("DeleteMessage", "")
		begin, handleName := []byte(`{"QueueUrl":"`+url+`","ReceiptHandle":"`), []byte(`"ReceiptHandle"`)
		var body []byte
		return func(c *Conn) error {
			if _, err := c.Do(&send); err != nil {
				return err
			}
			answer, err := c.Do(&receive)
			if err != nil {
				return err
			}
			_, rest, found := bytes.Cut(answer.Body, handleName)
			_, rest, _ = bytes.Cut(rest, []byte(`"`)) // behind a colon, and a space for some
			handle, _, ended := bytes.Cut(rest, []byte(`"`))
			if !found || !ended {
				return errors.New("nothing was received")
			}
			body = append(append(append(body[:0], begin...), handle...), `"}`...)
			_, err = c.Do(remove.With(body))
			return err
		}
	}
}

func createTopic(c *Conn) error {
	_, err := c.Do(&Request{Method: "POST", Path: "/", Service: "sns", Form: true, Body: []byte("Action=CreateTopic&Version=2010-03-31&Name=bench")})
	return err
}

// createTable makes a table with ten items of 1 KB under one key.
func createTable(c *Conn) error {
	create := dynamodb("CreateTable", `{"TableName":"bench","BillingMode":"PAY_PER_REQUEST",`+
		`"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"N"}],`+
		`"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}]}`)
	var exists *StatusError
	if _, err := c.Do(&create); err != nil && !(errors.As(err, &exists) && exists.Status == 400) {
		return err
	}
	for i := range 10 {
		put := dynamodb("PutItem", item("p", strconv.Itoa(i)))
		if _, err := c.Do(&put); err != nil {
			return err
		}
	}
	return nil
}

func item(pk, sk string) string {
	return `{"TableName":"bench","Item":{"pk":{"S":"` + pk + `"},"sk":{"N":"` + sk + `"},"data":{"S":"` + text(900) + `"},"flag":{"BOOL":true},"n":{"N":"42.5"}}}`
}

// putItem puts items under 1,000 keys a connection in turn.
func putItem(number int) func(*Conn) error {
	requests := make([]Request, 1000)
	for i := range requests {
		requests[i] = dynamodb("PutItem", item("w"+strconv.Itoa(number), strconv.Itoa(i)))
	}
	n := 0
	return func(c *Conn) error {
		n++
		_, err := c.Do(&requests[n%len(requests)])
		return err
	}
}

func createBucket(c *Conn) error {
	var exists *StatusError
	_, err := c.Do(&Request{Method: "PUT", Path: "/bench", Service: "s3"})
	if errors.As(err, &exists) && exists.Status == 409 {
		return nil
	}
	return err
}

func putObject(key string, size int) func(*Conn) error {
	return func(c *Conn) error {
		if err := createBucket(c); err != nil {
			return err
		}
		_, err := c.Do(&Request{Method: "PUT", Path: "/bench/" + key, Service: "s3", Body: []byte(text(size))})
		return err
	}
}

// putEach puts objects under 100 keys a connection in turn. Their content is size bytes, repeated.
func putEach(size, repeat int) func(int) func(*Conn) error {
	keys := 100
	if size*repeat > 1<<20 {
		keys = 1
	}
	return func(number int) func(*Conn) error {
		body := []byte(text(size))
		requests := make([]Request, keys)
		for i := range requests {
			requests[i] = Request{Method: "PUT", Path: fmt.Sprintf("/bench/put/%d/%d", number, i), Service: "s3", Body: body, Repeat: repeat}
		}
		n := 0
		return func(c *Conn) error {
			n++
			_, err := c.Do(&requests[n%len(requests)])
			return err
		}
	}
}
