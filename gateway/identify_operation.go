package gateway

import (
	"strings"

	"localcloud/gateway/aws"
)

// operation finds service, protocol and operation among the candidates.
func (i *Identifier) operation(q *inquiry, candidates *scope) error {
	call := q.call
	switch {
	case q.targetOperation != "" && i.byTarget(q, candidates):
	case i.query(q, candidates):
	default:
		i.rest(q, candidates)
	}
	if call.Operation != nil || i.withoutOperation(q) {
		return nil
	}
	return i.unknownOperation(q)
}

// byTarget looks for the operation of a target, or of a path of rpc-v2-cbor, in the services that
// take those. A prefix that none of them has (an older API version) leaves the operation to its name.
func (i *Identifier) byTarget(q *inquiry, candidates *scope) bool {
	var found *aws.Service
	for pass := range 2 {
		for _, s := range candidates.services {
			if s.TargetPrefix == "" || pass == 0 && s.TargetPrefix != q.target || q.rpc && !s.Speaks(aws.RPCv2CBOR) {
				continue
			}
			op := s.Operation(q.targetOperation)
			switch {
			case op != nil && (q.call.Operation == nil || q.rank(s) > q.rank(found)):
				found, q.call.Operation = s, op
			case found == nil:
				found = s
			}
		}
		if found != nil {
			break
		}
	}
	if found == nil {
		return false
	}
	q.call.Service, q.call.Protocol = found, q.protocol(found)
	return true
}

// query looks for the Action among the services of the query protocols. Version tells Elastic Load
// Balancing's two APIs apart; RDS and its relatives are told by what the project has.
func (i *Identifier) query(q *inquiry, candidates *scope) bool {
	first := i.querying(q, candidates)
	if first == nil {
		return false
	}
	q.call.Service = first
	q.call.Protocol = aws.Query
	if first.Speaks(aws.EC2) {
		q.call.Protocol = aws.EC2
	}
	f := i.formOf(q)
	action := q.action(f)
	if action == "" {
		return true
	}
	q.call.Operation = first.Operation(action)
	if len(candidates.services) > 1 {
		if s := i.choose(q, candidates, action); s != nil {
			q.call.Service, q.call.Operation = s, s.Operation(action)
		}
	}
	return true
}

// querying returns the first candidate that takes the request as a query call, nil for none. A form
// to a path of a REST service of the same signing name is that service's.
func (i *Identifier) querying(q *inquiry, candidates *scope) *aws.Service {
	if q.path != "/" && len(candidates.services) > 1 && candidates.find(q) != nil {
		return nil
	}
	for _, s := range candidates.services {
		if !s.Speaks(aws.Query) && !s.Speaks(aws.EC2) {
			continue
		}
		if len(candidates.services) == 1 && len(s.Protocols) == 1 || q.isForm() {
			return s
		}
		if _, ok := q.query.value("Action"); ok {
			return s
		}
		if isQueuePath(q.path) || q.path == "/" && len(s.Protocols) == 1 {
			return s
		}
	}
	return nil
}

// choose finds, among the services of the query protocols that have an action, the one of the
// request's Version, of its host, that the project has, or the first.
func (i *Identifier) choose(q *inquiry, candidates *scope, action string) *aws.Service {
	version := ""
	var best *aws.Service
	rank := 0
	for _, s := range candidates.services {
		if s.Operation(action) == nil || !s.Speaks(aws.Query) && !s.Speaks(aws.EC2) {
			continue
		}
		if best != nil && version == "" {
			if version = q.parameter(i.formOf(q), "Version"); version == "" {
				version = "none"
			}
			rank = q.versionRank(best, version)
		}
		if best == nil {
			best = s
		} else if r := q.versionRank(s, version); r > rank {
			best, rank = s, r
		}
	}
	return best
}

func (q *inquiry) versionRank(s *aws.Service, version string) int {
	if s.APIVersion == version {
		return 4 + q.rank(s)
	}
	return q.rank(s)
}

// rank orders services that nothing else tells apart, from 0 to 3: by the host, then by what the
// project has.
func (q *inquiry) rank(s *aws.Service) int {
	rank := 0
	if q.names(s) {
		rank += 2
	}
	if q.exists(s.Name) {
		rank++
	}
	return rank
}

// rest looks for an operation by method and path. Without one, the first candidate that speaks a REST
// protocol refuses the call, else the first.
func (i *Identifier) rest(q *inquiry, candidates *scope) {
	first := candidates.services[0]
	if first == i.s3.services[0] {
		i.effectivePath(q)
	}
	if op := candidates.find(q); op != nil {
		q.call.Service, q.call.Operation = op.Service, op
	} else {
		q.call.Service = first
		for _, s := range candidates.services {
			if s.Speaks(aws.RestJSON) || s.Speaks(aws.RestXML) {
				q.call.Service = s
				break
			}
		}
	}
	q.call.Protocol = q.protocol(q.call.Service)
}

// protocol chooses among the protocols of a service.
func (q *inquiry) protocol(s *aws.Service) aws.Protocol {
	if len(s.Protocols) == 1 {
		return s.Protocols[0]
	}
	form := q.isForm()
	for _, p := range s.Protocols {
		switch p {
		case aws.RPCv2CBOR:
			if q.rpc {
				return p
			}
		case aws.JSON10, aws.JSON11:
			if !q.rpc && len(q.header["X-Amz-Target"]) > 0 {
				return p
			}
		case aws.Query, aws.EC2:
			if form || q.query.raw != "" || q.targetOperation == "" {
				return p
			}
		}
	}
	return s.Protocols[0]
}

// withoutOperation reports the requests that are right although no operation of a model is theirs:
// preflight requests of browsers and their form uploads, both to S3.
func (i *Identifier) withoutOperation(q *inquiry) bool {
	if q.call.Service != i.s3.services[0] {
		return false
	}
	return q.method == "OPTIONS" || q.method == "POST" && strings.HasPrefix(first(q.header, "Content-Type"), "multipart/form-data")
}
