package gateway

import (
	"errors"
	"fmt"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/gateway/aws/sign"
)

// pagePrefix begins the paths of the developer pages that backends offer beside AWS's API.
const pagePrefix = "/_aws/"

// identify tells what a call asks for. The paths of pages, which no AWS API has, come first.
func (g *Gateway) identify(call *Call, classicPort int) error {
	raw := call.Path
	own := strings.HasPrefix(raw, "/_local")
	if own {
		return noPage(raw)
	}
	err := g.config.Identify(call, classicPort)
	if strings.HasPrefix(raw, pagePrefix) {
		call.Path, call.Operation = raw, nil
		return pageService(call)
	}
	if err == nil && call.Service == nil {
		err = g.unidentified(call)
	}
	return err
}

// pageService finds the service that a page belongs to.
func pageService(call *Call) error {
	name, _, _ := strings.Cut(strings.TrimPrefix(call.Path, pagePrefix), "/")
	call.Service = aws.Lookup(name)
	if call.Service == nil {
		return noPage(call.Path)
	}
	call.Protocol = call.Service.Protocols[0]
	return nil
}

func noPage(path string) error {
	return &aws.Error{Code: "NotFound", Message: fmt.Sprintf("localcloud has no page %s.", path), Status: 404}
}

// unidentified is the answer where nothing in a request tells the service.
func (g *Gateway) unidentified(call *Call) error {
	var malformed *sign.Problem
	if _, err := sign.Parse(call.Request); errors.As(err, &malformed) {
		return malformed.AWS(nil, aws.Unknown)
	}
	return &aws.Error{
		Code: "MissingAuthenticationToken", Status: 403,
		Message: fmt.Sprintf("Request is missing Authentication Token: nothing in %s %s tells which AWS service "+
			"it is for (no signature, known X-Amz-Target, Action, or host name of a service).", call.Request.Method, call.Path),
	}
}
