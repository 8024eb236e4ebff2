// Shows the document. Swagger UI would have a server of its makers check it: it must not.
SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
});
