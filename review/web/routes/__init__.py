"""The routes, a module for each page of the console and each part of the API."""

OWNER = "casewright"
