"""The CDK app: what is made on AWS, one file for each kind of thing."""
