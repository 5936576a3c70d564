package gateway

// identify tells what a call asks for.
func (g *Gateway) identify(call *Call, classicPort int) error {
	if g.config.Identify == nil {
		return errNotIdentified
	}
	return g.config.Identify(call, classicPort)
}
