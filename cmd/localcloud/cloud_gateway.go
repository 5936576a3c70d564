package main

import (
	"context"
	"encoding/json"
	"net"
	"slices"

	"localcloud/cmd/localcloud/config"
	"localcloud/gateway"
	"localcloud/gateway/aws"
	"localcloud/gateway/intercept"
	"localcloud/images"
	"localcloud/orchestrator"
)

// serve has the open ports answered as the configuration says.
func (c *cloud) serve(cfg *config.Config) error {
	// The settings of the gateway are those of the configuration without what it does not look at.
	own := *cfg
	own.Listen, own.ClassicPorts, own.Runtime, own.Log = nil, false, "", ""
	own.Backends = make(map[string]config.Backend)
	for service := range cfg.Backends {
		own.Backends[service] = config.Backend{} // that there is one is all that counts
	}
	settings, err := json.Marshal(own)
	if err != nil {
		return err
	}
	host := publicHost(cfg, c.doors.addresses()[0])
	return c.doors.serve(cfg, string(settings), func() *gateway.Gateway { return c.newGateway(cfg, host) })
}

// publicHost is the host and port of addresses in answers that do not follow the caller's; address is
// where the gateway listens.
func publicHost(cfg *config.Config, address string) string {
	host := cfg.Host
	if host == "" && cfg.QueueURLs != string(intercept.DynamicQueueURLs) {
		host = names(cfg)[0]
	}
	if _, _, err := net.SplitHostPort(host); host == "" || err == nil {
		return host
	}
	_, port, _ := net.SplitHostPort(address)
	return net.JoinHostPort(host, port)
}

// newGateway puts a gateway together.
func (c *cloud) newGateway(cfg *config.Config, host string) *gateway.Gateway {
	exists := func(service string) bool {
		_, own := cfg.Backends[service]
		return own || slices.Contains(cfg.Services, service)
	}
	g := gateway.New(gateway.Config{
		Backends:   c.backend,
		Identify:   gateway.NewIdentifier(exists, append([]string{"localhost"}, names(cfg)...)...).Identify,
		Log:        c.logger,
		Clock:      &c.clock,
		Signatures: gateway.Signatures(cfg.Signatures),
		Adapter:    c.glue.adapter,
	})
	g.Use(intercept.All(intercept.Options{
		Version:   version(),
		Status:    func(context.Context) any { return c.status() },
		Services:  c.health,
		Reset:     c.Reset,
		QueueURLs: intercept.QueueURLs(cfg.QueueURLs),
		Host:      host,
		Origins:   cfg.CORSOrigins,
		NoCORS:    cfg.NoCORS,
		S3Events:  c.glue.s3,
		SNS:       c.glue.sns,
	})...)
	c.gateway.Store(g)
	return g
}

// backend finds the backend of a call.
func (c *cloud) backend(ctx context.Context, service *aws.Service, operation, account, region string) (*images.Backend, error) {
	o := c.running()
	if o == nil {
		return nil, aws.Unavailable("the project is starting or stopping")
	}
	return o.Backend(ctx, service, operation, account, region)
}

// healthNames are the services that LocalStack's health page lists always.
var healthNames = []string{
	"acm", "apigateway", "cloudformation", "cloudwatch", "config", "dynamodb", "dynamodbstreams", "ec2", "es", "events",
	"firehose", "iam", "kinesis", "kms", "lambda", "logs", "opensearch", "redshift", "resource-groups",
	"resourcegroupstaggingapi", "route53", "route53resolver", "s3", "s3control", "scheduler", "secretsmanager", "ses",
	"sns", "sqs", "ssm", "stepfunctions", "sts", "support", "swf", "transcribe",
}

// health is the state of each service in LocalStack's words.
func (c *cloud) health() map[string]string {
	c.mu.Lock()
	cfg, o := c.config, c.orchestrator
	c.mu.Unlock()
	states := make(map[string]string, len(healthNames))
	if cfg == nil || o == nil {
		return states
	}
	others := "disabled"
	for _, backend := range o.Status() {
		word := healthWord(backend.State)
		if backend.Runtime == "none" { // it cannot be had here, and calls are refused
			word = "disabled"
		}
		for _, service := range backend.Services {
			if service == "*" {
				others = word
			} else {
				states[service] = word
			}
		}
	}
	for _, name := range healthNames {
		if _, ok := states[name]; !ok {
			states[name] = others
		}
	}
	if cfg.Strict {
		for name := range states {
			if !slices.Contains(cfg.Services, name) {
				states[name] = "disabled"
			}
		}
	}
	return states
}

func healthWord(state orchestrator.State) string {
	switch state {
	case orchestrator.Ready:
		return "running"
	case orchestrator.Idle:
		return "available"
	case orchestrator.Draining:
		return "stopping"
	case orchestrator.Stopped:
		return "stopped"
	case orchestrator.Failed, orchestrator.Died:
		return "error"
	default:
		return "starting"
	}
}
