package wire

import "io"

func decodeEvents(f *format, m *bodyReader, t target, payload *field, stream io.Reader) error {
	return errNoOperation
}

func (r *response) encodeEvents(f *format, s source, payload *field) error { return errNoOperation }

func (r *outgoing) encodeEvents(f *format, s source, payload *field) error { return errNoOperation }
