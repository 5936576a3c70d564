package wire

func decodeCBORBody(r *request, t target, millis bool) error        { return errNoOperation }
func encodeCBORBody(r *response, s source, millis bool) error       { return errNoOperation }
func encodeCBORErrorBody(r *response, f *failure, d *dialect) error { return errNoOperation }
