"""The certificate file ``bagcert-certificate/1``: schema, writer, reader."""
