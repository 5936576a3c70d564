package aws

func applyOverlay(services map[string]*Service) {}
