"""ConfBench: how well metrics and their combination tell right from wrong, on labelled data."""
