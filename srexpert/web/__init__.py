"""What views share: typed requests, the guard on every page, fragments, keyset pages."""
