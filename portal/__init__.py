"""The pages people see: the operators' console, the customers' portal, the public site."""
