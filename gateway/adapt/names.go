package adapt

import (
	"slices"
	"strings"

	"localcloud/gateway/aws"
	"localcloud/images"
)

// names are the words for account and region on both sides. A backend that uses the call's own has
// none to exchange.
type names struct {
	services                      []string // whose ARNs are the backend's; nil for all
	account, region               string   // the call's
	backendAccount, backendRegion string   // the backend's
}

// namesOf are the names of a call to a backend. ARNs of S3 have neither account nor region.
func namesOf(call *aws.Call, image *images.Image) names {
	n := names{account: call.Account, region: call.Region, backendAccount: image.Names.Account, backendRegion: image.Names.Region}
	if n.backendAccount == "" {
		n.backendAccount = image.Account.Fixed
	}
	if n.backendRegion == "" {
		n.backendRegion = image.Region
	}
	if n.backendAccount == "" {
		n.backendAccount = n.account
	}
	if n.backendRegion == "" {
		n.backendRegion = n.region
	}
	if call.Service == nil || call.Service.Name == "s3" {
		n.backendAccount, n.backendRegion = n.account, n.region
	}
	if n.differ() && !slices.Contains(image.Services, "*") {
		for _, name := range image.Services {
			n.services = append(n.services, name)
			if s := aws.Lookup(name); s != nil {
				n.services = append(n.services, s.SigningName)
			}
		}
	}
	return n
}

// differ reports whether there is anything to exchange.
func (n *names) differ() bool { return n.account != n.backendAccount || n.region != n.backendRegion }

// outward puts the backend's words into a text, wherever in it ARNs stand.
func (n *names) outward(text string) string {
	return n.arns(text, n.region, n.account, n.backendRegion, n.backendAccount)
}

// inward puts the call's words into a text of the backend.
func (n *names) inward(text string) string {
	return n.arns(text, n.backendRegion, n.backendAccount, n.region, n.account)
}

// arns exchanges region and account in the ARNs of a text (arn:partition:service:region:account:...),
// also in those that stand inside JSON.
func (n *names) arns(text, region, account, newRegion, newAccount string) string {
	at := strings.Index(text, "arn:")
	if at < 0 {
		return text
	}
	var b strings.Builder
	for at >= 0 {
		rest := text[at:]
		fields := strings.SplitN(rest[:min(len(rest), 256)], ":", 6)
		if len(fields) < 6 || !n.ours(fields[2]) || fields[3] != region || fields[4] != account {
			b.WriteString(text[:at+len("arn:")])
			text = text[at+len("arn:"):]
		} else {
			b.WriteString(text[:at])
			b.WriteString("arn:" + aws.Partition(newRegion) + ":" + fields[2] + ":" + newRegion + ":" + newAccount + ":")
			text = rest[len("arn:::::")+len(fields[1])+len(fields[2])+len(fields[3])+len(fields[4]):]
		}
		at = strings.Index(text, "arn:")
	}
	b.WriteString(text)
	return b.String()
}

func (n *names) ours(service string) bool {
	return n.services == nil || slices.Contains(n.services, service)
}

// url exchanges the account in the path of a queue URL.
func (n *names) url(text, account, newAccount string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || account == newAccount {
		return text
	}
	parts := strings.Split(rest, "/")
	for i := 1; i < len(parts)-1; i++ {
		if parts[i] == account {
			parts[i] = newAccount
		}
	}
	return scheme + "://" + strings.Join(parts, "/")
}

// direction is a way of exchanging names in a document: outward or inward.
type direction struct {
	text func(string) string
	url  func(string) string
	id   func(string) string
}

func (n *names) out() direction {
	return direction{
		text: n.outward,
		url:  func(s string) string { return n.url(shortURL(s), n.account, n.backendAccount) },
		id:   func(s string) string { return exchanged(s, n.account, n.backendAccount) },
	}
}

func (n *names) in() direction {
	return direction{
		text: n.inward,
		url:  func(s string) string { return n.url(s, n.backendAccount, n.account) },
		id:   func(s string) string { return exchanged(s, n.backendAccount, n.account) },
	}
}

func exchanged(s, from, to string) string {
	if s == from {
		return to
	}
	return s
}

// userData are members whose values are the user's own and never changed.
var userData = map[string]bool{
	"Body": true, "MessageBody": true, "Message": true, "Subject": true, "MessageAttributes": true,
	"SecretString": true, "Detail": true, "Payload": true, "Data": true, "Statement": true, "Parameters": true,
	"Tags": true, "tags": true, "Description": true, "Comment": true, "message": true,
}

// document exchanges the names in a document of a shape.
func (d direction) document(shape *aws.Shape, doc map[string]any) {
	if shape == nil || shape.Name == "AttributeValue" {
		return
	}
	for i := range shape.Members {
		m := &shape.Members[i]
		value, ok := doc[m.Name]
		if !ok || userData[m.Name] {
			continue
		}
		doc[m.Name] = d.value(m.Name, m.Shape, value)
	}
}

// value exchanges the names in one value, whose member is called name.
func (d direction) value(name string, shape *aws.Shape, value any) any {
	switch value := value.(type) {
	case string:
		return d.string(name, value)
	case []any:
		if shape.Elem == nil {
			return value
		}
		for i := range value {
			value[i] = d.value(name, shape.Elem.Shape, value[i])
		}
	case map[string]any:
		if shape.Kind == aws.Structure {
			d.document(shape, value)
			break
		}
		if shape.Elem == nil || shape.Elem.Shape.Name == "AttributeValue" {
			break
		}
		for key, inner := range value {
			if renamed := d.text(key); renamed != key {
				delete(value, key)
				key = renamed
			}
			value[key] = d.value(key, shape.Elem.Shape, inner)
		}
	}
	return value
}

func (d direction) string(name, value string) string {
	switch {
	case strings.HasPrefix(value, "http://"), strings.HasPrefix(value, "https://"):
		return d.url(value)
	case strings.HasSuffix(name, "ccount"), strings.HasSuffix(name, "ccountId"), strings.HasSuffix(name, "wner"), strings.HasSuffix(name, "wnerId"),
		strings.HasSuffix(name, "wnerAWSAccountId"), name == "AWSAccountIds":
		return d.id(value)
	default:
		return d.text(value)
	}
}
