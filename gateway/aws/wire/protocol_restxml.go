package wire

// REST-XML: method and path, bodies in XML. S3 has its own form of errors, and root elements that
// the models do not name.

var restXMLProtocol = protocol{
	decodeRequest: func(r *request, t target) error { return r.rest(xmlFormat, t) },
	encodeResponse: func(r *response, s source) error {
		r.xmlRequestID()
		return r.rest(xmlFormat, s)
	},
	encodeError:    encodeRestXMLError,
	encodeRequest:  func(r *outgoing, s source) error { return r.rest(xmlFormat, s) },
	decodeResponse: func(r *incoming, t target) error { return r.rest(xmlFormat, t) },
	decodeError:    decodeXMLError,
}

var xmlFormat = &format{decode: decodeXMLPayload, encode: encodeXMLPayload, contentType: "application/xml"}

func decodeXMLPayload(m *bodyReader, body []byte, t target, p *plan, f *field) error {
	r := m.xml
	r.reset(body, m.depth)
	m.decoder.reader = r
	if r.root(); r.failure != nil {
		return r.failure
	}
	switch {
	case f != nil:
		r.flattened = false
		m.decoder.field(t, f)
	case isBare(p):
		m.decoder.field(t, &p.fields[0])
	default:
		r.structure(p)
		m.decoder.fields(t, p)
	}
	r.trailing()
	return r.failure
}

// isBare reports whether a message is S3's GetBucketLocation: its root element is its only member.
func isBare(p *plan) bool { return p.shape.Name == "GetBucketLocationOutput" && len(p.fields) == 1 }

func encodeXMLPayload(b []byte, s source, p *plan, f *field, info *bodyInfo) ([]byte, error) {
	w := xmlWriter{b: b, millis: dialectOfService(info.operation.Service).s3}
	if !info.request {
		w.b = append(w.b, xmlDeclaration...)
	}
	if f != nil {
		w.named(f.payloadName(info), f.member)
		if w.namespace == "" && w.prefix == "" {
			w.namespace = info.rootNamespace()
		}
		s.write(&w, f)
		return w.b, w.failure
	}
	w.name, w.namespace = info.rootName(), info.rootNamespace()
	if w.namespace == "" {
		w.namespace = p.shape.XMLNamespace
	}
	if isBare(p) {
		root := w.namespace
		if s.has(&p.fields[0]) {
			w.named(p.fields[0].wire, p.fields[0].member)
			w.namespace = root
			s.write(&w, &p.fields[0])
			return w.b, w.failure
		}
		w.name = p.fields[0].wire
	}
	w.begin()
	s.writeAll(&w, p)
	w.end()
	return w.b, w.failure
}

const xmlDeclaration = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// payloadName is the root element of a payload: the member's name if the model gives it one, else that
// of its shape. Answers outside of S3 do not have the member's own name.
func (f *field) payloadName(info *bodyInfo) string {
	switch {
	case f.member.LocationName != "" && (info.request || info.operation.Service.SigningName == "s3" || f.member.LocationName != f.name):
		return f.member.LocationName
	case f.member.Shape.LocationName != "":
		return f.member.Shape.LocationName
	}
	return f.member.Shape.Name
}

func (m *bodyInfo) rootName() string {
	if m.request && m.operation.InputName != "" {
		return m.operation.InputName
	}
	if !m.request {
		if name := s3Roots[m.shape.Name]; name != "" && m.operation.Service.SigningName == "s3" {
			return name
		}
	}
	if m.shape.LocationName != "" {
		return m.shape.LocationName
	}
	return m.shape.Name
}

func (m *bodyInfo) rootNamespace() string {
	if !m.request && m.operation.Service.XMLNamespace != "" || m.operation.InputNamespace == "" {
		return m.operation.Service.XMLNamespace
	}
	return m.operation.InputNamespace
}

// s3Roots are the root elements of S3's answers, as in its API reference.
var s3Roots = map[string]string{
	"CompleteMultipartUploadOutput": "CompleteMultipartUploadResult", "CreateMultipartUploadOutput": "InitiateMultipartUploadResult",
	"CreateSessionOutput": "CreateSessionResult", "DeleteObjectsOutput": "DeleteResult",
	"GetBucketAccelerateConfigurationOutput": "AccelerateConfiguration", "GetBucketAclOutput": "AccessControlPolicy",
	"GetBucketCorsOutput": "CORSConfiguration", "GetBucketLifecycleConfigurationOutput": "LifecycleConfiguration",
	"GetBucketLifecycleOutput": "LifecycleConfiguration", "GetBucketLoggingOutput": "BucketLoggingStatus",
	"GetBucketNotificationConfigurationOutput": "NotificationConfiguration", "NotificationConfiguration": "NotificationConfiguration",
	"NotificationConfigurationDeprecated": "NotificationConfiguration",
	"GetBucketRequestPaymentOutput":       "RequestPaymentConfiguration", "GetBucketTaggingOutput": "Tagging",
	"GetBucketVersioningOutput": "VersioningConfiguration", "GetBucketWebsiteOutput": "WebsiteConfiguration",
	"GetObjectAclOutput": "AccessControlPolicy", "GetObjectAttributesOutput": "GetObjectAttributesResponse",
	"GetObjectTaggingOutput": "Tagging", "ListBucketAnalyticsConfigurationsOutput": "ListBucketAnalyticsConfigurationResult",
	"ListBucketIntelligentTieringConfigurationsOutput": "ListBucketIntelligentTieringConfigurationsOutput",
	"ListBucketInventoryConfigurationsOutput":          "ListInventoryConfigurationsResult",
	"ListBucketMetricsConfigurationsOutput":            "ListMetricsConfigurationsResult", "ListBucketsOutput": "ListAllMyBucketsResult",
	"ListDirectoryBucketsOutput": "ListAllMyDirectoryBucketsResult", "ListMultipartUploadsOutput": "ListMultipartUploadsResult",
	"ListObjectVersionsOutput": "ListVersionsResult", "ListObjectsOutput": "ListBucketResult",
	"ListObjectsV2Output": "ListBucketResult", "ListPartsOutput": "ListPartsResult",
}

// s3ID2 is the second id of S3's answers, of a form like AWS's.
const s3ID2 = "s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234="

func (r *response) xmlRequestID() {
	if r.call.RequestID == "" {
		return
	}
	if r.call.Service != nil && !dialectOf(r.call).s3 {
		r.requestID()
	}
	r.answer.set("X-Amz-Request-Id", r.call.RequestID)
	if dialectOf(r.call).s3 {
		r.answer.set("X-Amz-Id-2", s3ID2)
	}
}

func encodeRestXMLError(r *response, f *failure) error {
	r.xmlRequestID()
	r.answer.set("Content-Type", "application/xml")
	if err := r.errorHeaders(f); err != nil {
		return err
	}
	w := xmlWriter{b: append(r.buf.b, xmlDeclaration...), millis: dialectOf(r.call).s3}
	if dialectOf(r.call).s3 || r.call.Service == nil {
		r.s3Error(&w, f)
	} else {
		r.xmlError(&w, f)
	}
	r.buf.b = w.b
	return w.failure
}

// s3Error is the error element alone, with everything inline.
func (r *response) s3Error(w *xmlWriter, f *failure) {
	w.name = "Error"
	w.begin()
	w.leaf("Code", f.queryCode)
	w.leaf("Message", f.message)
	f.writeXML(w)
	w.leaf("RequestId", r.call.RequestID)
	w.leaf("HostId", s3ID2)
	w.end()
}

// xmlError is the error inside of an ErrorResponse, as in query and most of REST-XML.
func (r *response) xmlError(w *xmlWriter, f *failure) {
	w.name, w.namespace = "ErrorResponse", r.call.Service.XMLNamespace
	w.begin()
	w.name, w.namespace = "Error", ""
	w.begin()
	fault := "Sender"
	if !f.sender {
		fault = "Receiver"
	}
	w.leaf("Type", fault)
	w.leaf("Code", f.queryCode)
	w.leaf("Message", f.message)
	f.writeXML(w)
	w.end()
	w.leaf("RequestId", r.call.RequestID)
	w.end()
}

// writeXML writes the further members of an error.
func (f *failure) writeXML(w *xmlWriter) {
	f.members(func(m *field) {
		w.field(m)
		f.detail.write(w, m)
	})
	for _, name := range sortedKeys(f.extra) {
		if text, ok := f.extra[name].(string); ok {
			w.leaf(name, text)
		} else {
			w.leaf(name, string(appendJSON(nil, f.extra[name], w.fail)))
		}
	}
}
